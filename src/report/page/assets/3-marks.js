/** The marks of a picture, for the keyboard: from one to the next, and to the table. */

class Marks {
  /** @param {SVGSVGElement} svg @param {Zoom} zoom @param {Reading} reading */
  constructor(svg, zoom, reading) {
    this.zoom = zoom;
    this.reading = reading;
    this.svg = svg;
    /** @type {SVGElement | undefined} */
    this.current = undefined;
    /** @type {SVGElement[] | undefined} */
    this.sorted = undefined;
    svg.addEventListener('focusout', () => reading.leave());
  }

  /** In the order of their moments, as they are numbered. */
  get all() {
    const number = (/** @type {Element} */ mark) =>
      Number(mark.id.slice(mark.id.lastIndexOf('-') + 1));
    const marks = /** @type {SVGElement[]} */ ([...this.svg.querySelectorAll('[data-m]')]);
    this.sorted ??= marks.sort((a, b) => number(a) - number(b));
    return this.sorted;
  }

  /** @param {SVGElement} mark */
  focus(mark) {
    this.current = mark;
    wordsOf(mark);
    mark.setAttribute('tabindex', '-1');
    this.zoom.reveal(this.partOf(mark));
    mark.focus({ preventScroll: true });
    mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    setAddress(mark.id);
    const box = mark.getBoundingClientRect();
    const plot = this.zoom.plot.getBoundingClientRect();
    this.reading.cross(this.partOf(mark));
    this.reading.tell(mark, Math.max(box.left, plot.left), box.bottom - 14);
  }

  /** Where a mark begins. @param {SVGElement} mark */
  partOf(mark) {
    const placed = mark.hasAttribute('x') ? mark : mark.querySelector('[x],[x1]');
    const x = placed?.getAttribute('x') ?? placed?.getAttribute('x1') ?? '0';
    return Number.parseFloat(x) / 100;
  }

  /** @param {number} step */
  go(step) {
    const last = this.all.length - 1;
    const at = this.current ? this.all.indexOf(this.current) + step : step > 0 ? 0 : last;
    this.goTo(Math.min(last, Math.max(0, at)));
  }

  /** @param {number} index From the end if it is negative. */
  goTo(index) {
    const mark = this.all.at(index);
    if (mark) this.focus(mark);
  }

  /** To the mark of the next lane that is nearest in time. @param {number} step */
  goLane(step) {
    if (!this.current) return this.go(1);
    const current = this.current;
    const part = this.partOf(current);
    const lanes = [...this.svg.querySelectorAll('[data-lane]')].filter((lane) =>
      lane.querySelector('[data-m]'),
    );
    const own = lanes.findIndex((lane) => lane.contains(current));
    const lane = lanes[own < 0 ? (step > 0 ? 0 : lanes.length - 1) : own + step];
    const distance = (/** @type {SVGElement} */ mark) => Math.abs(this.partOf(mark) - part);
    const [nearest] = /** @type {SVGElement[]} */ ([
      ...(lane?.querySelectorAll('[data-m]') ?? []),
    ]).sort((a, b) => distance(a) - distance(b));
    if (nearest) this.focus(nearest);
  }

  /** To the row that tells the same. */
  goToRow() {
    const row = this.current && rowOf(this.current);
    if (row) showRow(row);
  }
}

/** @param {Element} mark */
function rowOf(mark) {
  const table = mark.closest('.test')?.querySelector('details.table');
  if (table) fill(table);
  return document.getElementById(`${mark.id}r`);
}

/** Makes rows of a long table's text, if that was not done yet. @param {Element} table */
function fill(table) {
  const text = table.querySelector('noscript');
  if (text) text.outerHTML = text.textContent ?? '';
}

/** @param {HTMLElement} row */
function showRow(row) {
  openAround(row);
  row.querySelector('a')?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'center' });
}

/** @param {Element} element */
function openAround(element) {
  for (let at = element.closest('details'); at; at = at.parentElement?.closest('details') ?? null) {
    at.open = true;
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

/** Browsers refuse addresses that change too often, as while a key is held down. @param {string} id */
function setAddress(id) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    try {
      history.replaceState(null, '', `#${id}`);
    } catch {
      // A page in a sandbox has no address of its own.
    }
  }, 100);
}
