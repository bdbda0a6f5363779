import { CleanupStack } from '../../src/base/cleanup-stack';
import { Deadline } from '../../src/base/deadline';
import { PgClusterError } from '../../src/base/errors';
import { failure } from '../support/failure';

const soon = () => Deadline.in(10_000);
const fail = (message: string) => () => {
  throw new PgClusterError('ERR_PG_CLUSTER_STATE', message);
};

test('what was acquired last is released first', async () => {
  const order: string[] = [];
  const stack = new CleanupStack();
  for (const what of ['engine', 'node', 'session']) stack.add(what, () => order.push(what));
  await stack.run(soon());
  expect(order).toEqual(['session', 'node', 'engine']);
  expect(stack.isEmpty).toBe(true);
});

test('all steps run, and the error names each failure', async () => {
  const stack = new CleanupStack();
  const ran = jest.fn();
  stack.add('guard', ran);
  stack.add('ports', fail('ports are stuck'));
  stack.add('cluster', async () => fail('it hangs on')());
  await expect(stack.run(soon())).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_STATE',
    message: 'cluster: it hangs on; ports: ports are stuck',
  });
  expect(ran).toHaveBeenCalledTimes(1);
});

test('a single error is thrown unchanged', async () => {
  const stack = new CleanupStack();
  const error = new Error('alone');
  stack.add('it', () => Promise.reject(error));
  await expect(stack.run(soon())).rejects.toBe(error);
});

test('a step that hangs delays the others no longer than its own time limit', async () => {
  const stack = new CleanupStack();
  const ran = jest.fn();
  stack.add('guard', ran);
  stack.add('cluster', () => new Promise(() => {}), 1);
  await expect(stack.run(soon())).rejects.toMatchObject(
    failure('TIMEOUT', /^waited .* for cluster to be cleaned up/),
  );
  expect(ran).toHaveBeenCalledTimes(1);
});

test('steps still run when the deadline has passed', async () => {
  const stack = new CleanupStack();
  const ran = jest.fn();
  stack.add('guard', ran);
  await stack.run(Deadline.in(0));
  expect(ran).toHaveBeenCalledTimes(1);
});

test('a second run repeats only the failed steps, in the same order', async () => {
  const stack = new CleanupStack();
  const order: string[] = [];
  let broken = true;
  for (const what of ['network', 'volume', 'container']) {
    stack.add(what, () => {
      order.push(what);
      if (broken && what !== 'volume') throw new Error('engine away');
    });
  }
  await expect(stack.run(soon())).rejects.toThrow('container: engine away; network: engine away');
  broken = false;
  await stack.run(soon());
  expect(order).toEqual(['container', 'volume', 'network', 'container', 'network']);
});

test('steps handed to another stack run there, once', async () => {
  const [mine, theirs] = [new CleanupStack(), new CleanupStack()];
  const order: string[] = [];
  theirs.add('engine', () => order.push('engine'));
  mine.add('node', () => order.push('node'));
  theirs.adopt(mine);
  await mine.run(soon());
  await theirs.run(soon());
  expect(order).toEqual(['node', 'engine']);
});

test('after a failure the error also says what could not be removed', async () => {
  const stack = new CleanupStack();
  stack.add('container', fail('the engine has gone away'));
  const failure = new Error('it did not start');
  expect(await stack.runAfter(failure, soon())).toBe(failure);
  expect(failure.message).toBe(
    'it did not start\nWhat was made could not be removed: the engine has gone away',
  );
});
