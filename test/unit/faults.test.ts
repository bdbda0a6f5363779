import { FaultBook } from '../../src/cluster/fault-book';
import { formatTimeline, Timeline } from '../../src/cluster/timeline';

const paused = (node: string) => ({ node, kind: 'paused' as const, undo: async () => {} });
const names = (faults: readonly { node: string }[]) => faults.map(({ node }) => node);

test('a test’s faults end with the test; those of a block’s hook last for the block', () => {
  const book = new FaultBook();
  book.blockStarted('the file');
  book.blockStarted('outer');
  book.add(paused('pg0'));
  book.testStarted('outer › one');
  book.add(paused('pg1'));
  expect(names(book.left)).toEqual([]);
  book.testDone('outer › one');
  expect(names(book.left)).toEqual(['pg1']);
  expect(names(book.held)).toEqual(['pg0']);
  book.remove('pg1', 'paused');
  book.blockStarted('inner');
  book.add(paused('pg2'));
  book.blockFinished();
  expect(names(book.left)).toEqual(['pg2']);
  book.remove('pg2', 'paused');
  book.blockFinished();
  expect(names(book.left)).toEqual(['pg0']);
});

test('a fault that is made again keeps its owner', async () => {
  const book = new FaultBook();
  book.blockStarted('the file');
  book.add(paused('pg0'));
  const [made] = book.all;
  book.clear();
  book.blockStarted('inner');
  await book.as(made?.owner ?? { kind: 'test', name: 'nobody' }, async () =>
    book.add(paused('pg0')),
  );
  book.add(paused('pg1'));
  book.blockFinished();
  expect(names(book.left)).toEqual(['pg1']);
  expect(names(book.held)).toEqual(['pg0']);
});

test('when concurrent tests share the cluster, the last one clears up', () => {
  const book = new FaultBook();
  book.testStarted('a');
  book.testStarted('b');
  book.add(paused('pg1'));
  expect(book.during).toBe('a, b');
  book.testDone('a');
  expect(book.left).toEqual([]);
  expect(book.testsRunning).toBe(1);
  book.testDone('b');
  expect(names(book.left)).toEqual(['pg1']);
});

test('the timeline says what was done, to which node, for how long, and how it went', async () => {
  const timeline = new Timeline();
  await timeline.record({ act: 'pause', node: 'pg0' }, async () => {});
  await timeline.record({ act: 'pause', node: 'pg0' }, async (tell) => {
    tell({ outcome: 'unchanged' });
  });
  await timeline.record({ act: 'heal' }, async (tell) => tell({ forget: true }));
  const failing = timeline.record({ act: 'unpause', node: 'pg1', during: 'a test' }, async () => {
    throw new Error('no such luck');
  });
  await expect(failing).rejects.toThrow('no such luck');
  expect(timeline.events).toMatchObject([
    { act: 'pause', node: 'pg0', outcome: 'done' },
    { act: 'pause', node: 'pg0', outcome: 'unchanged' },
    { act: 'unpause', node: 'pg1', outcome: 'failed', detail: 'no such luck', during: 'a test' },
  ]);
  expect(formatTimeline(timeline.events).split('\n')).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} {2}pg0 +pause +\d+ ms$/),
    expect.stringMatching(/ pg0 +pause +\d+ ms {2}unchanged$/),
    expect.stringMatching(/ pg1 +unpause +\d+ ms {2}failed: no such luck$/),
  ]);
});
