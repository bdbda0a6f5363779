/** Makes each picture live when its test is opened, and follows the address. */

/** @type {WeakMap<Element, Marks>} */
const live = new WeakMap();

/** @param {SVGSVGElement} svg */
function enliven(svg) {
  const known = live.get(svg);
  if (known) return known;
  const canvas = /** @type {HTMLElement} */ (svg.closest('.canvas'));
  const zoom = new Zoom(svg);
  const reading = new Reading(svg, canvas, zoom);
  const marks = new Marks(svg, zoom, reading);
  live.set(svg, marks);
  svg.setAttribute('tabindex', '0');
  canvas.append(buttons(zoom));
  listenToPointer(svg, zoom, reading, marks);
  listenToKeys(svg, zoom, marks);
  return marks;
}

/** @param {Zoom} zoom */
function buttons(zoom) {
  const bar = document.createElement('div');
  bar.className = 'zoom';
  const add = (
    /** @type {string} */ sign,
    /** @type {string} */ name,
    /** @type {() => void} */ act,
  ) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = sign;
    button.title = name;
    button.setAttribute('aria-label', name);
    button.addEventListener('click', act);
    bar.append(button);
  };
  add('+', 'Zoom in', () => zoom.by(0.5));
  add('−', 'Zoom out', () => zoom.by(2));
  add('↔', 'Show all', () => zoom.show(0, 1));
  return bar;
}

/** @param {SVGSVGElement} svg @param {Zoom} zoom @param {Reading} reading @param {Marks} marks */
function listenToPointer(svg, zoom, reading, marks) {
  /** @type {{ x: number, a: number, moved: boolean } | undefined} */
  let drag;
  svg.addEventListener('pointermove', (event) => {
    if (drag && !zoom.isWhole && Math.abs(event.clientX - drag.x) > 3) {
      if (!drag.moved) svg.setPointerCapture(event.pointerId);
      drag.moved = true;
      const size = zoom.view.b - zoom.view.a;
      zoom.show(drag.a - ((event.clientX - drag.x) / zoom.width) * size, size);
    }
    const part = zoom.partAt(event.clientX);
    reading.cross(part);
    const mark = markAt(event);
    if (mark && !drag?.moved) reading.tell(mark, event.clientX, event.clientY);
    else reading.box.hidden = true;
  });
  svg.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, a: zoom.view.a, moved: false };
  });
  svg.addEventListener('pointerup', () => {
    // The click that follows has to know whether it was a drag.
    setTimeout(() => {
      drag = undefined;
    });
  });
  svg.addEventListener('pointercancel', () => {
    drag = undefined;
  });
  svg.addEventListener('pointerleave', () => reading.leave());
  svg.addEventListener('click', (event) => {
    const mark = markAt(event);
    if (mark && !drag?.moved) marks.focus(mark);
  });
  svg.addEventListener(
    'wheel',
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      // A page that is scrolled past a picture must not be caught by it.
      if (event.ctrlKey || event.metaKey || (svg.contains(document.activeElement) && !isSideways)) {
        event.preventDefault();
        const pixels = event.deltaMode === 1 ? event.deltaY * 20 : event.deltaY;
        zoom.by(Math.exp(Math.max(-120, Math.min(120, pixels)) / 300), zoom.partAt(event.clientX));
      } else if (isSideways && !zoom.isWhole) {
        event.preventDefault();
        zoom.move((event.deltaX || event.deltaY) / zoom.width);
      }
    },
    { passive: false },
  );
}

/** @param {Event} event */
function markAt(event) {
  const mark = /** @type {Element} */ (event.target).closest('[data-m]');
  return /** @type {SVGElement | null} */ (mark);
}

/** @param {SVGSVGElement} svg @param {Zoom} zoom @param {Marks} marks */
function listenToKeys(svg, zoom, marks) {
  /** @type {Record<string, () => void>} */
  const acts = {
    ArrowRight: () => marks.go(1),
    ArrowLeft: () => marks.go(-1),
    ArrowDown: () => marks.goLane(1),
    ArrowUp: () => marks.goLane(-1),
    Home: () => marks.goTo(0),
    End: () => marks.goTo(-1),
    Enter: () => marks.goToRow(),
    '+': () => zoom.by(0.5, middle()),
    '=': () => zoom.by(0.5, middle()),
    '-': () => zoom.by(2, middle()),
    0: () => zoom.show(0, 1),
    Escape: () => {
      marks.current = undefined;
      svg.focus();
    },
  };
  const middle = () => (marks.current ? marks.partOf(marks.current) : undefined);
  svg.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 0.25, ArrowLeft: -0.25 }[event.key];
    const act = event.shiftKey && step !== undefined ? () => zoom.move(step) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Opens what the address names, and goes there. */
function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const element = id === '' ? null : elementOf(id);
  if (!element) return;
  openAround(element);
  const svg = element.closest('svg.picture');
  if (svg && element.hasAttribute('data-m')) {
    enliven(/** @type {SVGSVGElement} */ (svg)).focus(
      /** @type {SVGElement} */ (/** @type {unknown} */ (element)),
    );
  } else if (element instanceof HTMLTableRowElement) {
    showRow(element);
  } else {
    element.scrollIntoView();
    element.querySelector('summary')?.focus({ preventScroll: true });
  }
}

/** What has this address; a row's may not be there before its mark is asked for it. @param {string} id */
function elementOf(id) {
  const known = document.getElementById(id);
  const mark = known ?? document.getElementById(id.replace(/r$/, ''));
  return known ?? (mark && rowOf(mark));
}

for (const keys of document.querySelectorAll('.keys')) keys.removeAttribute('hidden');
for (const test of document.querySelectorAll('details.test')) {
  const svg = /** @type {SVGSVGElement | null} */ (test.querySelector('svg.picture'));
  if (!svg) continue;
  const enlivenIfOpen = () => test.hasAttribute('open') && enliven(svg);
  test.addEventListener('toggle', enlivenIfOpen);
  enlivenIfOpen();
}
for (const table of document.querySelectorAll('details.table')) {
  table.addEventListener('toggle', () => fill(table));
}
addEventListener('hashchange', follow);
// A link to where one is already changes nothing, but has to lead there all the same.
addEventListener('click', (event) => {
  const link = /** @type {Element} */ (event.target).closest('a');
  if (link?.hash && link.hash === location.hash) follow();
});
follow();
// Until then the browser itself looks for the address, and takes the focus from a row it did not know.
addEventListener('load', follow);
