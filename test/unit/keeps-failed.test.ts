import { keepsFailed } from '../../src/runner/keeps-failed';

test.each([
  [{}, false],
  [{ PG_CLUSTER_KEEP: '' }, false],
  [{ PG_CLUSTER_KEEP: 'on-failure' }, true],
  [{ PG_CLUSTER_KEEP: 'on-failure', CI: 'false' }, true],
  [{ PG_CLUSTER_KEEP: 'on-failure', CI: 'true' }, false],
  [{ PG_CLUSTER_KEEP: 'force', CI: 'true' }, true],
])('with %j: %s', (env, keeps) => {
  expect(keepsFailed(env)).toBe(keeps);
});

test('anything else is refused', () => {
  expect(() => keepsFailed({ PG_CLUSTER_KEEP: 'always' })).toThrow(
    /PG_CLUSTER_KEEP must be on-failure, or force on CI, not "always"; nothing was started/,
  );
});
