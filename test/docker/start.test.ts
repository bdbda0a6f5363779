import { acquireEngine } from '../engine';
import { start } from '../support/cluster';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { unseen } from '../support/unseen';

afterEach(expectNothingLeft);

test('SQL in init that fails shows psql’s message with file and line', async () => {
  await expect(start({ init: 'sql/broken.sql', settings: unseen() })).rejects.toMatchObject(
    failure(
      'IMAGE',
      /failed at step \d+\/\d+: RUN sh \/pg-cluster\/make-data-directory\.sh(?:.|\n)*\| psql:template\/init\/0000-broken\.sql:2: ERROR: {2}relation "nowhere" does not exist/,
    ),
  );
});

test('the error for an unavailable image says what was tried and how to give one', async () => {
  await expect(start({ image: 'localhost:1/nobody/nothing:17' })).rejects.toMatchObject(
    failure(
      'IMAGE',
      /^the base image localhost:1\/nobody\/nothing:17 is not available: .*pulling it failed: .*\n.*option `image`/,
    ),
  );
});

test('an image with another version than asked for is refused', async () => {
  await acquireEngine({ majors: [13] });
  await expect(
    start({ image: 'postgres:13', version: 17, settings: unseen() }),
  ).rejects.toMatchObject(
    failure('IMAGE', 'this image carries PostgreSQL 13, not the version 17 that was asked for'),
  );
}, 900_000);
