import { writePage } from '../../src/report/page/write-page';
import { failedFailover } from '../support/failed-failover';
import { hostileFile, killedFile } from '../support/recordings';

/** A picture may be taken out of the page, into a file or a README, where it has to be XML. */
test.each([
  ['a failover', failedFailover()],
  ['hostile words', hostileFile()],
  ['a killed run', killedFile()],
])('pictures are well-formed XML: %s', (_, recording) => {
  const page = writePage([recording], { keep: 'always' });
  const pictures = page.match(/(?<=<td[^>]*>)<svg [\s\S]*?(?=<\/td>)/g) ?? [];
  expect(pictures.length).toBeGreaterThan(0);
  for (const picture of pictures) {
    const open: string[] = [];
    for (const [tag, end, name = '', attributes = '', alone] of picture.matchAll(
      /<(\/?)([a-z]\w*)((?:[^>"]|"[^"]*")*?)(\/?)>/gi,
    )) {
      if (end) {
        expect([tag, open.pop()]).toEqual([tag, name]);
        continue;
      }
      const named = [...attributes.matchAll(/\s+([\w:-]+)="[^"<]*"/g)].map(([, word]) => word);
      expect(attributes.replaceAll(/\s+[\w:-]+="[^"<]*"/g, '')).toBe('');
      expect([tag, new Set(named).size]).toEqual([tag, named.length]);
      if (!alone) open.push(name);
    }
    expect(open).toEqual([]);
    expect(picture.replaceAll(/&(?:amp|lt|gt|quot|#\d+|#x[\da-f]+);/gi, '')).not.toContain('&');
  }
});
