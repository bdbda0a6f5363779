import { Sshd } from '../engine/sshd';
import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';

let sshd: Sshd;
keepEnv(afterEach);
afterEach(expectNothingLeft);
beforeAll(async () => {
  sshd = await Sshd.start();
}, 60_000);
afterAll(() => sshd?.end());

test('a cluster runs on an engine that is reached over ssh', async () => {
  Object.assign(process.env, sshd.env);
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  await pgCluster.switchover();
  await pgCluster.reset();
  await expect(rows(pgCluster.masterUrl, 'TABLE t')).rejects.toMatchObject({ code: '42P01' });
});

test('when the ssh server accepts none of our keys, the error says where keys come from', async () => {
  Object.assign(process.env, sshd.env);
  delete process.env.SSH_AUTH_SOCK;
  await expect(start({ slaves: 1 })).rejects.toMatchObject(
    failure('NO_ENGINE', /authentication methods failed.*ssh-add.*SSH_AUTH_SOCK/),
  );
});
