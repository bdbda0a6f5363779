/** The marks of a picture, for the keyboard: from one to the next, and to the table. */

class Marks {
  /** @param {SVGSVGElement} svg @param {Zoom} zoom @param {Reading} reading */
  constructor(svg, zoom, reading) {
    this.zoom = zoom;
    this.reading = reading;
    this.svg = svg;
    const number = (/** @type {Element} */ mark) =>
      Number(mark.id.slice(mark.id.lastIndexOf('-') + 1));
    /** In the order of their moments, as they are numbered. */
    this.all = /** @type {SVGElement[]} */ ([...svg.querySelectorAll('[data-m]')]).sort(
      (a, b) => number(a) - number(b),
    );
    /** @type {SVGElement | undefined} */
    this.current = undefined;
    svg.addEventListener('focusout', () => reading.leave());
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
    const at = this.current
      ? this.all.indexOf(this.current) + step
      : step > 0
        ? 0
        : this.all.length - 1;
    const mark = this.all[Math.min(this.all.length - 1, Math.max(0, at))];
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
    const row = this.current && document.getElementById(`${this.current.id}r`);
    if (row) showRow(row);
  }
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

/** @param {string} id */
function setAddress(id) {
  try {
    history.replaceState(null, '', `#${id}`);
  } catch {
    // A page in a sandbox has no address of its own.
  }
}
