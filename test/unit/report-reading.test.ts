import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording } from '../../src/report/reading/read-recording';
import { readRecordings } from '../../src/report/reading/read-recordings';
import type { Begin } from '../../src/report/records';
import { useFolder } from '../support/folder';

const header: Begin = {
  kind: 'begin',
  version: 1,
  file: 'a.test.js',
  project: null,
  startedAt: 1000,
  pid: 1,
  worker: '1',
  shard: null,
  engine: 'local',
  postgres: 17,
  nodes: ['pg0'],
};

function textOf(...records: object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

const begin = { at: 0, ...header };
const fault = { at: 5, kind: 'fault on', node: 'pg0', fault: 'paused' };
const end = { at: 9, kind: 'end' };

test('a whole recording is read', () => {
  expect(readRecording(textOf(begin, fault, end))).toEqual({
    recording: { begin, records: [begin, fault, end], isWhole: true, problems: [] },
  });
});

test('of a killed process all whole lines are there, and it is said what is not', () => {
  expect(readRecording(`${textOf(begin, fault)}{"at":7,"kind":"fau`)).toEqual({
    recording: {
      begin,
      records: [begin, fault],
      isWhole: false,
      problems: [
        'the last line was torn and is left out',
        'it has no end: its process was killed, or still runs',
      ],
    },
  });
});

test('lines that are no records are left out, and that is said', () => {
  const text = `${textOf(begin)}nonsense\n{"at":"x"}\n${textOf(fault, end)}`;
  expect(readRecording(text)).toMatchObject({
    recording: {
      records: [begin, fault, end],
      problems: ['2 lines are no records and are left out'],
    },
  });
});

test('records come in order of time', () => {
  expect(readRecording(textOf(begin, { ...end, at: 9 }, fault))).toMatchObject({
    recording: { records: [begin, fault, end] },
  });
});

test.each([
  ['', /empty/],
  ['{"at":0,"kind":"begi', /does not begin as a recording does/],
  [textOf(fault), /does not begin as a recording does/],
  [textOf({ ...begin, version: 2 }), /version 2, .* reads version 1; make the report with/],
])('%j is refused in words', (text, words) => {
  expect(readRecording(text)).toEqual({ problem: expect.stringMatching(words) });
});

test('recordings of several shards are one list, in order of time, none twice', () => {
  const folder = folderOf('shards');
  const other = { ...begin, file: 'b.test.js', startedAt: 500, shard: '2/2' };
  write(folder, 'one/x.jsonl', textOf(begin, fault, end));
  write(folder, 'two/deep/y.jsonl', textOf(other, end));
  write(folder, 'two/copy-made-meanwhile.jsonl', textOf(begin, fault));
  write(folder, 'two/z.jsonl', textOf({ ...begin, version: 7 }));
  write(folder, 'two/notes.txt', 'nothing of ours');
  const { recordings, problems, paths } = readRecordings([
    join(folder, 'two'),
    join(folder, 'one', 'x.jsonl'),
  ]);
  expect(recordings.map(({ begin: { file }, isWhole }) => [file, isWhole])).toEqual([
    ['b.test.js', true],
    ['a.test.js', true],
  ]);
  expect(recordings.map((recording) => paths.get(recording))).toEqual([
    join(folder, 'two', 'deep', 'y.jsonl'),
    join(folder, 'one', 'x.jsonl'),
  ]);
  expect(problems).toEqual([expect.stringMatching(/z\.jsonl is left out: .*version 7/)]);
});

test('a folder that is not there is refused', () => {
  expect(() => readRecordings(['/nowhere/at-all'])).toThrow(
    /there is no file or folder \/nowhere\/at-all; give the reporter’s folder/,
  );
});

const root = useFolder('reading');
function folderOf(name: string): string {
  return join(root, name);
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}
