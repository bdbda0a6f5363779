import { formatMs } from '../../base/deadline';
import type { Chapter } from '../picture/chapters';
import type { Item } from '../picture/items';
import type { Picture } from '../picture/picture';
import { formatBytes, formatMoment } from '../picture/scale';
import { escapeHtml } from './escape';
import type { Marker } from './svg/marked';

/** Longer tables are closed at first: what they show is in the picture. */
const openRows = 150;

/**
 * Still longer ones take the browser as long as all the rest of the page. Where scripts run it reads
 * them as mere text, and the page's script makes rows of it once the table is opened.
 */
const builtRows = 1000;

/** The picture as a table. A row's moment leads to its mark. */
export function writeTable(
  picture: Picture,
  items: readonly Item[],
  chapter: Chapter,
  marker: Marker,
): string {
  const rows = [...items.map((item) => writeRow(item, marker)), ...lagRows(picture, chapter)];
  const open = rows.length <= openRows ? ' open' : '';
  const table = `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table cellpadding="4"><thead><tr><th scope="col">When</th><th scope="col">Took</th><th scope="col">Where</th><th scope="col">Kind</th><th scope="col">What</th><th scope="col">More</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
  const content = rows.length <= builtRows ? table : `<noscript>${table}</noscript>`;
  return `<details class="table"${open}><summary>The same as a table <span class="muted">${rows.length} rows</span></summary>
${content}</details>`;
}

function writeRow(item: Item, marker: Marker): string {
  const id = marker.idOf(item);
  // Number and unit stay together, without styles too.
  const when = formatMoment(item.from - marker.zero).replace(' ', '\u00a0');
  return row(
    item.tone,
    [
      `<a href="#${id}">${when}</a>`,
      item.isOpen ? 'no end' : item.until - item.from < 0.5 ? '' : formatMs(item.until - item.from),
      text(item.lane === 'test' || item.lane === 'acts' ? '' : item.lane),
      text(item.sort === 'log' ? `log ${item.look ?? ''}` : (kinds[item.sort] ?? item.sort)),
      text(item.label),
      text(item.detail),
    ],
    `${id}r`,
  );
}

const kinds: Readonly<Partial<Record<Item['sort'], string>>> = {
  writes: 'ledger',
  hit: 'trap',
  endpoint: 'leads to',
  rejoin: 'stream',
};

function row(tone: string, cells: readonly string[], id = ''): string {
  const tds = cells.map((cell) => `<td>${cell}</td>`).join('');
  return `<tr${id === '' ? '' : ` id="${id}"`}${tone === 'plain' ? '' : ` class="${tone}"`}>${tds}</tr>`;
}

/** Words with a direction of their own are kept apart, so that they leave the rest in place. */
function text(words: string): string {
  const safe = escapeHtml(words);
  return isPlain.test(words) ? safe : `<bdi>${safe}</bdi>`;
}

/** Latin letters and signs: nearly all, and an element less for each is felt in big tables. */
const isPlain = /^[\u0020-\u024f\u2010-\u2027\u00d7]*$/;

/** Of each curve, its peak. */
function lagRows({ lanes }: Picture, { zero }: Chapter): string[] {
  return lanes.flatMap(({ name, curve }) => {
    if (!curve) return [];
    const seen = curve.steps.filter(({ bytes }) => bytes !== null);
    const peak = seen.reduce(
      (most, point) => ((point.bytes ?? 0) > (most?.bytes ?? -1) ? point : most),
      seen[0],
    );
    const unseen = curve.steps.length - seen.length;
    const more = `${curve.steps.length} ${curve.steps.length === 1 ? 'value' : 'values'}${unseen > 0 ? `, ${unseen} not observable` : ''}`;
    if (!peak) return row('doubtful', ['', '', text(name), 'lag', 'not observable', more]);
    const time = peak.ms === null ? '' : `, ${formatMs(peak.ms)}`;
    const what = `at most ${formatBytes(peak.bytes ?? 0)}${time}`;
    return row('plain', [formatMoment(peak.from - zero), '', text(name), 'lag', what, more]);
  });
}
