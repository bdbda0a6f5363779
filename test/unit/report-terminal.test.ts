import { stripVTControlCharacters } from 'node:util';
import { drawInTerminal } from '../../src/report/terminal/draw-in-terminal';
import { failedFailover } from '../support/failed-failover';
import { hostileFile, killedFile } from '../support/recordings';

const options = { columns: 120, ascii: false, colours: false, from: 210, until: 4700 };

function rowOf(text: string, name: string): string {
  const row = text.split('\n').find((line) => line.startsWith(name));
  if (row === undefined) throw new Error(`No row ${name} in:\n${text}`);
  return row;
}

test('a failover in lanes of letters', () => {
  const text = drawInTerminal(failedFailover(), options);
  expect(rowOf(text, 'test')).toMatch(/▸orders › keep every .*╌✕$/);
  expect(rowOf(text, 'writer')).toMatch(/^writer {2}pg0╌+pg1╌+$/);
  expect(rowOf(text, 'pg0')).toMatch(
    /^pg0 +━ master ━+✕!━+\?━ +master, stopped +─ slave of pg1 ─+$/,
  );
  expect(rowOf(text, 'pg1')).toMatch(/^pg1 +─ slave of pg0 ─+!─+!─+▲ master ━+$/);
  expect(text).toContain('░killed░░');
  expect(text).toContain('ledger: 364 acknowledged, 22 failed, 4 unknown');
  expect(text).toContain('most lag: pg1 1.6 MB');
});

test('what happens at the same time stands in the same column', () => {
  const text = drawInTerminal(failedFailover(), options);
  const promoted = rowOf(text, 'pg1').indexOf('▲');
  expect(rowOf(text, 'writer').indexOf('pg1')).toBe(promoted);
  const killed = text.split('\n').find((line) => line.includes('░killed'));
  const act = text.split('\n').find((line) => line.includes('▸kill pg0'));
  expect(killed?.indexOf('░')).toBe(act?.indexOf('▸kill'));
});

test.each([40, 60, 80, 200])(
  'no line is longer than %d columns, and none ends in white space',
  (columns) => {
    for (const ascii of [false, true]) {
      const text = drawInTerminal(failedFailover(), { ...options, columns, ascii });
      for (const line of text.split('\n')) {
        expect([...line].length).toBeLessThanOrEqual(columns);
        expect(line).toBe(line.trimEnd());
      }
      expect(text).toContain('killed');
    }
  },
);

test('the ASCII form has nothing but ASCII, and its lanes are as long', () => {
  const text = drawInTerminal(failedFailover(), { ...options, ascii: true });
  expect(text).toMatch(/^[\n -~]*$/);
  const fancy = drawInTerminal(failedFailover(), options);
  expect(rowOf(text, 'pg2').length).toBe(rowOf(fancy, 'pg2').length);
});

test('colours change nothing but colours', () => {
  const coloured = drawInTerminal(failedFailover(), { ...options, colours: true });
  expect(coloured).toContain('\u001b[0;31m');
  const bare = stripVTControlCharacters(coloured);
  const plain = drawInTerminal(failedFailover(), options);
  expect(bare.split('\n').map((line) => line.trimEnd())).toEqual(plain.split('\n'));
});

test('words of others can neither move the cursor nor turn a line', () => {
  const text = drawInTerminal(hostileFile(), { ...options, from: 0, until: 50 });
  expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  const named = drawInTerminal(
    {
      ...killedFile(),
      records: [{ at: 5, kind: 'test begins', test: 1, name: 'a\u001b[2Jb', attempt: 1 }],
    },
    { ...options, from: 0, until: 50 },
  );
  expect(named).toContain('a[2Jb');
});
