/**
 * @jest-environment ./method.js
 */
test('leaves the master paused', () => pgCluster.pauseMaster());

test('the subclass has heard of it before it was healed', () => {
  expect(heard).toEqual(['test_started: running', 'test_done: paused', 'test_started: running']);
  expect(pgCluster.master.state).toBe('running');
});

test('fails by an exception that nobody catches', async () => {
  await new Promise(() => {
    setImmediate(() => {
      throw new Error('thrown');
    });
  });
}, 2000);
