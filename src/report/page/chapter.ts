import { formatMs } from '../../base/deadline';
import type { Chapter } from '../picture/chapters';
import { type Picture, pictureOf, type Told } from '../picture/picture';
import { escapeHtml } from './escape';
import { Marker } from './svg/marked';
import { drawPicture } from './svg/picture';
import { writeTable } from './table';
import { thin } from './thin';

export interface ChapterOptions {
  /** Its address in the page. */
  readonly id: string;
  readonly isOpen: boolean;
  /** At most so many marks are drawn; null for no picture at all, for want of room. */
  readonly mostItems: number | null;
}

export const icons = { passed: '✓', failed: '✕', unfinished: '?' } as const;

/** A test: its name, that opens what was seen of it. */
export function writeChapter(chapter: Chapter, told: Told, options: ChapterOptions): string {
  const { id, isOpen, mostItems } = options;
  const content =
    mostItems === null
      ? '<p class="note">Its picture is left out: the page would be too big. The command <code>report</code> makes a page of this recording alone.</p>'
      : writePicture(chapter, told, id, mostItems);
  return `<details class="test ${chapter.outcome}" id="${id}"${isOpen ? ' open' : ''}><summary>${headline(chapter)}</summary>
${errorsOf(chapter)}${content}</details>`;
}

/** A test in the list of those that have no picture. */
export function writeLine(chapter: Chapter): string {
  return `<li>${headline(chapter)}</li>`;
}

function headline({ name, outcome, attempt, zero, ended }: Chapter): string {
  const took = ended === null ? 'did not end' : formatMs(ended - zero);
  const tried = attempt > 1 ? ` <span class="badge">attempt ${attempt}</span>` : '';
  const word = outcome === 'unfinished' ? 'killed' : outcome;
  return `<span class="icon ${outcome}" role="img" aria-label="${word}">${icons[outcome]}</span> <span class="title"><bdi>${escapeHtml(name)}</bdi>${tried}</span> <span class="muted took">${took}</span>`;
}

function errorsOf({ errors, outcome }: Chapter): string {
  if (outcome === 'unfinished') {
    return '<p class="note">Its process was killed. This is what it had written until then.</p>\n';
  }
  return errors
    .map(
      (error) => `<pre class="error" dir="auto" tabindex="0">${escapeHtml(error.trim())}</pre>\n`,
    )
    .join('');
}

function writePicture(chapter: Chapter, told: Told, id: string, mostItems: number): string {
  const whole = pictureOf(told, chapter);
  const all = whole.lanes.flatMap(({ items }) => items).sort((a, b) => a.from - b.from);
  const { items, leftOut } = thin(all, mostItems);
  const kept = new Set(items);
  const picture: Picture = {
    ...whole,
    lanes: whole.lanes.map((lane) => ({ ...lane, items: lane.items.filter((it) => kept.has(it)) })),
  };
  const marker = new Marker(id, chapter.zero, items);
  const note =
    leftOut.length === 0
      ? ''
      : `<p class="note">Left out here, so that the page stays small: ${leftOut.join(', ')}. The recording has them.</p>\n`;
  return `<div class="canvas">${drawPicture(picture, chapter, marker)}</div>
${note}${writeTable(picture, items, chapter, marker)}`;
}
