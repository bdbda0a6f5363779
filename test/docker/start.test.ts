import { expectNothingLeft, start } from '../integration/with-cluster';

afterEach(expectNothingLeft);

test('SQL in init that fails shows psql’s message with file and line', async () => {
  await expect(start({ init: 'sql/broken.sql' })).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_IMAGE',
    message: expect.stringMatching(
      /failed at step \d+\/\d+: RUN sh \/pg-cluster\/make-data-directory\.sh(?:.|\n)*\| psql:template\/init\/0000-broken\.sql:2: ERROR: {2}relation "nowhere" does not exist/,
    ),
  });
});

test('an image that cannot be had says what was tried and how to give one', async () => {
  await expect(start({ image: 'localhost:1/nobody/nothing:17' })).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_IMAGE',
    message: expect.stringMatching(
      /^the base image localhost:1\/nobody\/nothing:17 cannot be had: .*pulling it failed: .*\n.*option `image`/,
    ),
  });
});

test('an image of another version than the one asked for is refused', async () => {
  await expect(start({ image: 'postgres:15', version: 17 })).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_IMAGE',
    message: expect.stringContaining(
      'this image carries PostgreSQL 15, not the version 17 that was asked for',
    ),
  });
});
