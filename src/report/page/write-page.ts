import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter } from '../picture/chapters';
import type { Recording } from '../reading/recording';
import { icons } from './chapter';
import { escapeHtml } from './escape';
import { type FileOptions, type FilePart, filesOf, hasPassed, idOf, writeFile } from './file';
import { legend } from './legend';
import { nightColours } from './palette';
import { besidePlot, plotWidths } from './svg/label';
import { symbols } from './svg/symbols';

export interface PageOptions {
  /** Which tests have a picture: those that failed or did not end, or all. */
  readonly keep: 'on-failure' | 'always';
  /** Default: `PostgreSQL in the tests`. */
  readonly title?: string;
  /** How big the page may get; beyond that it says what it left out. Default: 5 MB. */
  readonly maxBytes?: number;
}

/** They are one program: each uses what those before it declare. */
const scripts = ['1-zoom.js', '2-reading.js', '3-marks.js', '4-start.js'] as const;

const defaultMaxBytes = 5 * 1024 * 1024;

/** How many marks a picture has at most, tried one after another until the page is small enough. */
const limits = [20_000, 8000, 3000, 1000, 300, 100, null] as const;

/**
 * One page that shows the recordings: a list of files and tests, each of which opens to its
 * picture and table. It needs nothing but itself, neither a network nor, to be read, a script.
 */
export function writePage(recordings: readonly Recording[], options: PageOptions): string {
  const { maxBytes = defaultMaxBytes } = options;
  const files = filesOf(recordings);
  let page = '';
  for (const mostItems of limits) {
    page = writeWith(files, options, mostItems);
    if (Buffer.byteLength(page) <= maxBytes) break;
  }
  return page;
}

function writeWith(
  files: readonly FilePart[],
  { keep, title = 'PostgreSQL in the tests' }: PageOptions,
  mostItems: number | null,
): string {
  const isDrawn = ({ outcome }: Chapter) => keep === 'always' || outcome !== 'passed';
  const failed = files.flatMap((file) =>
    file.chapters
      .filter(({ outcome }) => outcome !== 'passed')
      .map((chapter) => ({ file, chapter, id: idOf(file, chapter) })),
  );
  const options: FileOptions = { isDrawn, isOpen: (id) => id === failed[0]?.id, mostItems };
  const loud = files.filter((file) => keep === 'always' || !hasPassed(file));
  const quiet = files.filter((file) => !loud.includes(file));
  const body = [
    `<header><h1>${escapeHtml(title)}</h1>${counts(files)}</header>`,
    failed.length > 1 ? writeList(failed) : '',
    loud.some(({ chapters }) => chapters.some(isDrawn)) ? legend : '',
    ...loud.map((file) => writeFile(file, options)),
    quiet.length > 0 ? writeQuiet(quiet, options) : '',
    files.length === 0 ? '<p class="note">Nothing was recorded.</p>' : '',
  ];
  return wrap(title, body.filter((part) => part !== '').join('\n'));
}

/** What the run has come to. */
function counts(files: readonly FilePart[]): string {
  const chapters = files.flatMap((file) => file.chapters);
  const count = (outcome: Chapter['outcome'], icon: string, word: string) => {
    const n = chapters.filter((chapter) => chapter.outcome === outcome).length;
    return n === 0 ? '' : `<li><span class="icon ${outcome}">${icon}</span> ${n} ${word}</li>`;
  };
  const all = files.length === 1 ? '1 file' : `${files.length} files`;
  return `<ul class="counts">${count('failed', '✕', 'failed')}${count('unfinished', '?', 'killed')}${count('passed', '✓', 'passed')}<li class="muted">${all}</li></ul>`;
}

function writeList(failed: readonly { file: FilePart; chapter: Chapter; id: string }[]): string {
  const lines = failed.map(
    ({ file, chapter, id }) =>
      `<li><span class="icon ${chapter.outcome}">${icons[chapter.outcome]}</span> <a href="#${id}"><bdi>${escapeHtml(chapter.name)}</bdi></a> <span class="muted"><bdi>${escapeHtml(file.recording.begin.file)}</bdi></span></li>`,
  );
  return `<nav aria-label="What failed"><ul>${lines.join('\n')}</ul></nav>`;
}

function writeQuiet(files: readonly FilePart[], options: FileOptions): string {
  const word = files.length === 1 ? '1 file' : `${files.length} files`;
  return `<details class="quiet"><summary><span class="icon passed">✓</span> ${word} in which all passed</summary>
${files.map((file) => writeFile(file, options)).join('\n')}</details>`;
}

function wrap(title: string, body: string): string {
  const style = `${asset('page.css')}${narrowLabels()}@media (prefers-color-scheme:dark){\n${nightColours()}\n}`;
  const script = `(()=>{'use strict';\n${scripts.map(asset).join('')}})();`;
  // Whatever is written into the page, nothing of it runs or is fetched but these two.
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${style}</style></head>
<body>${symbols}<main>
${body}
</main><script>${script}</script></body></html>
`;
}

/** Without a script, labels that find no room in a window of this width are not there. */
function narrowLabels(): string {
  return plotWidths
    .map((plot, size) => {
      const beside = plot <= 560 ? besidePlot.narrow : besidePlot.wide;
      return size === 0
        ? ''
        : `@media (max-width:${plot + beside - 1}px){.n${size}{display:none}}\n`;
    })
    .join('');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function asset(name: string): string {
  return readFileSync(join(__dirname, 'assets', name), 'utf8');
}
