/** What is told of the place that one points at: a line through all lanes, and a box of words. */

class Reading {
  /** @param {SVGSVGElement} svg @param {HTMLElement} canvas @param {Zoom} zoom */
  constructor(svg, canvas, zoom) {
    this.canvas = canvas;
    this.zoom = zoom;
    this.line = shape('g', { 'pointer-events': 'none', display: 'none' });
    this.box = document.createElement('div');
    this.box.className = 'tip';
    this.box.hidden = true;
    // A screen reader tells the name of the mark that has the focus: the same words.
    this.box.setAttribute('aria-hidden', 'true');
    canvas.append(this.box);
    zoom.time.append(this.line);
    this.curves = [...svg.querySelectorAll('[data-lag]')].map((curve) => ({
      y: Number(curve.getAttribute('data-top')),
      points: String(curve.getAttribute('data-lag'))
        .split(';')
        .map((point) => point.split(',')),
    }));
  }

  /** @param {number} part */
  cross(part) {
    const { zoom } = this;
    const x = `${part * 100}%`;
    const flips = (part - zoom.view.a) / (zoom.view.b - zoom.view.a) > 0.85;
    const side = { x, dx: flips ? '-6' : '6', 'text-anchor': flips ? 'end' : 'start' };
    const words = (/** @type {string} */ text, /** @type {number} */ y) => {
      const element = shape('text', { ...side, y: String(y), class: 'reading' });
      element.textContent = text;
      return element;
    };
    const moment = zoom.from + part * zoom.span - zoom.zero;
    const digits = (zoom.view.b - zoom.view.a) * zoom.span < 200 ? 4 : 3;
    const sign = moment < 0 ? '−' : '';
    this.line.replaceChildren(
      shape('line', { x1: x, x2: x, y1: '2', y2: zoom.height, class: 'cross', stroke: '#1c2430' }),
      words(`${sign}${(Math.abs(moment) / 1000).toFixed(digits)} s`, 14),
      ...this.curves.flatMap(({ y, points }) => {
        const seen = lagAt(points, part);
        return seen === '' ? [] : [words(seen, y + 10)];
      }),
    );
    this.line.setAttribute('display', 'inline');
  }

  leave() {
    this.line.setAttribute('display', 'none');
    this.box.hidden = true;
  }

  /** Tells of a mark, beside a place of the window. @param {Element} mark @param {number} clientX @param {number} clientY */
  tell(mark, clientX, clientY) {
    this.box.textContent = wordsOf(mark);
    this.box.hidden = false;
    const canvas = this.canvas.getBoundingClientRect();
    const { width, height } = this.box.getBoundingClientRect();
    const x = Math.min(clientX - canvas.left + 14, canvas.width - width - 2);
    const isLow = clientY + 18 + height > document.documentElement.clientHeight;
    const y = clientY - canvas.top + (isLow ? -height - 14 : 18);
    this.box.style.left = `${Math.max(0, x)}px`;
    this.box.style.top = `${y}px`;
  }
}

/** The value that held there. @param {string[][]} points @param {number} part */
function lagAt(points, part) {
  const point = points.find(([from, until]) => Number(from) <= part && part < Number(until));
  if (!point) return '';
  const [, , bytes = '', ms = ''] = point;
  if (bytes === '') return 'not observable';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, Number(bytes))) / 10));
  const size = Number(bytes) / 1024 ** power;
  const time = ms === '' ? '' : `, ${ms} ms`;
  return `${Number(size.toFixed(power > 0 && size < 10 ? 1 : 0))} ${units[power]}${time}`;
}

/**
 * A mark's title, which is its name from then on: the browser would show a title as a box of its
 * own beside ours.
 * @param {Element} mark
 */
function wordsOf(mark) {
  const title = mark.querySelector(':scope > title');
  if (title) {
    mark.setAttribute('aria-label', title.textContent ?? '');
    mark.setAttribute('role', 'img');
    title.remove();
  }
  return mark.getAttribute('aria-label') ?? '';
}
