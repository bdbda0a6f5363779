import { type Paint, paint } from './palette';

/** What the shapes mean; above the pictures, once. */
export const legend = `<details class="legend"><summary>How to read the pictures</summary>
<ul>${[
  swatch('master', 'master'),
  swatch('slave', 'slave'),
  swatch('stopped', 'stopped', 'stopped'),
  swatch('fault', 'fault, as long as it holds', 'fault'),
  swatch('act', 'what was done, and how long that took'),
  symbol('hit', 'fault', 'hit of a trap'),
  bar('done', 'statement'),
  symbol('cross', 'failed', 'statement that failed'),
  symbol('unknown', 'unknown', 'no answer: may have happened'),
  symbol('line', 'line', 'log line'),
  symbol('warning', 'warning', 'WARNING'),
  symbol('error', 'bad', 'ERROR'),
  symbol('fatal', 'failed', 'FATAL, PANIC'),
  arrow('promotion', 'promoted', 'promotion'),
  arrow('follows', 'followed', 'streams from there now'),
].join('')}</ul>
<p class="keys" hidden>In a picture: <kbd>←</kbd> <kbd>→</kbd> go from mark to mark, <kbd>↑</kbd> <kbd>↓</kbd> from lane to lane, <kbd>Enter</kbd> to the mark’s row in the table, <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom, <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> move. <kbd>Ctrl</kbd> and the wheel zoom too; dragging moves. The address of a mark is in the address bar once it has the focus.</p></details>`;

function entry(content: string, words: string): string {
  return `<li><svg width="26" height="16" aria-hidden="true">${content}</svg> ${words}</li>`;
}

function swatch(name: Paint, words: string, pattern = ''): string {
  const box = 'x="1" y="1" width="24" height="14" rx="3"';
  const dashed = name === 'stopped' ? ' stroke-dasharray="4 3"' : '';
  const over = pattern === '' ? '' : `<rect ${box} fill="url(#p-${pattern})"/>`;
  return entry(`<rect ${paint(name)} ${box}${dashed}/>${over}`, words);
}

function bar(name: Paint, words: string): string {
  return entry(`<rect ${paint(name)} x="3" y="5.5" width="20" height="5" rx="1"/>`, words);
}

function symbol(id: string, name: Paint, words: string): string {
  return entry(`<use href="#s-${id}" x="13" y="8" ${paint(name)}/>`, words);
}

function arrow(line: Paint, tip: Paint, words: string): string {
  const dashed = line === 'follows' ? ' stroke-dasharray="4 3"' : '';
  return entry(
    `<line ${paint(line)} stroke-width="2"${dashed} x1="13" x2="13" y1="0" y2="9"/><use href="#s-down" x="13" y="16" ${paint(tip)}/>`,
    words,
  );
}
