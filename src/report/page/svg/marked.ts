import { formatMs } from '../../../base/deadline';
import type { Item } from '../../picture/items';
import { formatMoment } from '../../picture/scale';
import { escapeHtml } from '../escape';

/** Names items, so that each has an address in the page, and tells of them. */
export class Marker {
  readonly #numbers = new Map<Item, number>();

  constructor(
    readonly chapter: string,
    readonly zero: number,
    items: readonly Item[],
  ) {
    items.forEach((item, index) => {
      this.#numbers.set(item, index + 1);
    });
  }

  /** The id of an item’s mark. */
  idOf(item: Item): string {
    return `${this.chapter}-${this.#numbers.get(item) ?? 0}`;
  }

  /** The attributes and the title of a mark; `shape` gets both. */
  mark(item: Item, classes = ''): { attributes: string; title: string } {
    return {
      attributes: `id="${this.idOf(item)}" data-m=""${classes}`,
      title: `<title>${escapeHtml(this.words(item))}</title>`,
    };
  }

  group(item: Item, content: string): string {
    const { attributes, title } = this.mark(item);
    return `<g ${attributes}>${title}${content}</g>`;
  }

  /** All there is to say of an item: what, when, and the rest, a line each. */
  words(item: Item): string {
    const where = placeOf(item);
    const lines = [
      `${where === '' ? '' : `${where}: `}${item.label}`,
      this.when(item),
      item.detail,
    ];
    return lines.filter((line) => line !== '').join('\n');
  }

  when({ from, until, isOpen }: Item): string {
    const begin = formatMoment(from - this.zero);
    if (isOpen) return `from ${begin} on`;
    return until - from < 0.5 ? `at ${begin}` : `from ${begin} for ${formatMs(until - from)}`;
  }
}

/** The lanes of tests and acts have nothing to add to what stands in them. */
function placeOf({ lane, sort, look }: Item): string {
  if (lane === 'test' || lane === 'acts') return '';
  return sort === 'log' && look ? `${lane} ${look}` : lane;
}
