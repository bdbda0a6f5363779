/** What is seen of a picture: a part of its time, the words that fit, and the marks of its axis. */

const mostZoom = 500;

/** @typedef {{ a: number, b: number }} View The left and right edge, as parts of the whole. */

class Zoom {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.plot = svg;
    this.time = /** @type {SVGSVGElement} */ (svg.querySelector('.time'));
    this.ticks = /** @type {SVGGElement} */ (svg.querySelector('.ticks'));
    this.height = svg.getAttribute('height') ?? '0';
    this.from = Number(svg.dataset.from);
    this.span = Number(svg.dataset.until) - this.from;
    this.zero = Number(svg.dataset.zero);
    this.labels = [...svg.querySelectorAll('[data-l]')].map((label) => {
      const numbers = String(label.getAttribute('data-l')).split(' ').map(Number);
      return { label: /** @type {SVGTextElement} */ (label), numbers };
    });
    /** @type {View} */
    this.view = { a: 0, b: 1 };
    svg.classList.add('live');
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  get isWhole() {
    return this.view.b - this.view.a > 0.9999;
  }

  get width() {
    return this.plot.getBoundingClientRect().width;
  }

  /** The part of the whole that is at a place of the window. @param {number} clientX */
  partAt(clientX) {
    const { left, width } = this.plot.getBoundingClientRect();
    return this.view.a + ((clientX - left) / width) * (this.view.b - this.view.a);
  }

  /** @param {number} factor @param {number} around */
  by(factor, around = (this.view.a + this.view.b) / 2) {
    const size = Math.min(1, Math.max(1 / mostZoom, (this.view.b - this.view.a) * factor));
    const at = (around - this.view.a) / (this.view.b - this.view.a);
    this.show(around - at * size, size);
  }

  /** @param {number} parts Of what is seen. */
  move(parts) {
    const size = this.view.b - this.view.a;
    this.show(this.view.a + parts * size, size);
  }

  /** Moves no more than it must. @param {number} part */
  reveal(part) {
    const size = this.view.b - this.view.a;
    if (part < this.view.a || part > this.view.b) this.show(part - size / 2, size);
  }

  /** @param {number} a @param {number} size */
  show(a, size) {
    const left = Math.min(1 - size, Math.max(0, a));
    this.view = { a: left, b: left + size };
    this.draw();
  }

  draw() {
    const { a, b } = this.view;
    const width = `${100 / (b - a)}%`;
    // All marks are laid out anew when these change, which takes a while when they are many.
    this.time.setAttribute('x', a === 0 ? '0' : `${(-a / (b - a)) * 100}%`);
    if (width !== this.time.getAttribute('width')) this.time.setAttribute('width', width);
    const pixels = this.width / (b - a);
    if (pixels === 0) return;
    this.drawTicks();
    for (const { label, numbers } of this.labels) place(label, numbers, this.view, pixels);
  }

  drawTicks() {
    const { a, b } = this.view;
    const from = this.from + a * this.span - this.zero;
    const until = this.from + b * this.span - this.zero;
    const step = stepOf(until - from, Math.min(12, Math.floor(this.width / 64)));
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    this.ticks.replaceChildren();
    for (let n = Math.ceil(from / step); n * step <= until; n++) {
      const part = (n * step + this.zero - this.from) / this.span;
      const x = `${part * 100}%`;
      const line = shape('line', { x1: x, x2: x, y1: '20', y2: this.height });
      line.setAttribute('class', n === 0 ? 'c-zero' : 'c-grid');
      line.setAttribute('stroke', n === 0 ? '#97a3b3' : '#e3e8ee');
      this.ticks.append(line);
      if (((b - part) / (b - a)) * this.width < 44) continue;
      const text = shape('text', { x, y: '31', dx: '4', 'font-size': '10.5', fill: '#5b6675' });
      text.setAttribute('class', 't-muted');
      text.textContent = inWords(n * step, until - from < 2000, digits);
      this.ticks.append(text);
    }
  }
}

/** The smallest of 1, 2, 5, 10 … ms that divides it so. @param {number} span @param {number} most */
function stepOf(span, most) {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((part) => part * power >= rough * 0.999) ?? 10) * power;
}

/** @param {number} ms @param {boolean} isShort @param {number} digits */
function inWords(ms, isShort, digits) {
  if (Math.abs(ms) < 1e-6) return '0';
  const size = Math.abs(ms);
  const words = isShort
    ? `${size.toFixed(digits)} ms`
    : `${Number((size / 1000).toFixed(Math.min(20, digits + 3)))} s`;
  return (ms < 0 ? '−' : '') + words;
}

/**
 * Puts a label into its bar, after it or before it, wherever it has room; or nowhere.
 * @param {SVGTextElement} label @param {number[]} numbers @param {View} view @param {number} pixels
 */
function place(
  label,
  [from = 0, until = 0, room = 0, before = 0, width = 0, inset = 0],
  view,
  pixels,
) {
  const left = Math.max(from, view.a);
  const fits = (/** @type {number} */ a, /** @type {number} */ b) =>
    (Math.min(b, view.b) - Math.max(a, view.a)) * pixels >= width;
  let x = left;
  let dx = inset;
  let anchor = 'start';
  let isSeen = true;
  if (fits(from, until)) dx = inset;
  else if (room > until && until >= view.a && fits(until, room)) {
    x = until;
    dx = Math.max(4, inset - 2);
  } else if (before < from && from <= view.b && fits(before, from)) {
    x = from;
    dx = -Math.max(4, inset - 2);
    anchor = 'end';
  } else isSeen = false;
  label.style.display = isSeen ? 'inline' : 'none';
  label.setAttribute('x', `${x * 100}%`);
  label.setAttribute('dx', String(dx));
  label.setAttribute('text-anchor', anchor);
}

/** @param {string} name @param {Record<string, string>} attributes */
function shape(name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
