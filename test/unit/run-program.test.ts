import { Deadline } from '../../src/base/deadline';
import { runWell } from '../../src/engine/local/system/run-program';

async function failureOf(script: string): Promise<string> {
  const failure = runWell('try it', 'sh', ['-c', script], Deadline.in(20_000));
  const error = await failure.catch((reason: Error) => reason);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error.message;
}

test('a thousand similar lines of output are shortened to a few', async () => {
  const message = await failureOf(
    `i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); echo "tar: data/$i: Cannot write: No space left on device"; done >&2
     echo 'tar: Exiting with failure status due to previous errors' >&2; exit 2`,
  );
  expect(message).toBe(
    'could not try it: sh ended with 2: tar: data/1: Cannot write: No space left on device\n' +
      'tar: Exiting with failure status due to previous errors\n(and 999 more lines)',
  );
});

test('a thousand different lines of output are shortened, too', async () => {
  const message = await failureOf(`seq 1000 | sed 's/^/tar: /'; exit 1`);
  expect(message.split('\n').length).toBeLessThan(20);
  expect(message).toMatch(/^could not try it: sh ended with 1: tar: 1\ntar: 2\n/);
});
