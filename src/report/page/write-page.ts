import type { Recording } from '../reading/recording';

export interface PageOptions {
  readonly keep: 'on-failure' | 'always';
}

/** The names of files and tests, until there is a page that shows more. */
export function writePage(recordings: readonly Recording[], _options: PageOptions): string {
  const items = recordings.flatMap(({ begin, records }) => [
    begin.file,
    ...records.flatMap((record) => (record.kind === 'test begins' ? [record.name] : [])),
  ]);
  return `<!doctype html><meta charset="utf-8"><ul>${items.map((item) => `<li>${item.replace(/[&<]/g, (found) => `&#${found.charCodeAt(0)};`)}`).join('')}</ul>\n`;
}
