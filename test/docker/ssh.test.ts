import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { handleOf } from '../../src/handle/cluster-handle';
import { Sshd } from '../engine/sshd';
import { expectNothingLeft, rows, start } from '../integration/with-cluster';

let sshd: Sshd;
const { DOCKER_HOST, SSH_AUTH_SOCK } = process.env;
beforeAll(async () => {
  sshd = await Sshd.start();
}, 60_000);
afterEach(() => {
  for (const [name, value] of Object.entries({ DOCKER_HOST, SSH_AUTH_SOCK })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});
afterAll(() => sshd?.end());

test('an engine that is reached over ssh runs a cluster', async () => {
  Object.assign(process.env, sshd.env);
  const cluster = await start({ slaves: 1 });
  try {
    const pgCluster = handleOf(cluster);
    await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
    await pgCluster.switchover();
    await pgCluster.reset();
    await expect(rows(pgCluster.masterUrl, 'TABLE t')).rejects.toMatchObject({ code: '42P01' });
  } finally {
    await removeCluster(cluster, Deadline.in(60_000));
  }
  await expectNothingLeft();
});

test('an engine whose ssh server takes none of our keys: the error says where keys come from', async () => {
  Object.assign(process.env, sshd.env);
  delete process.env.SSH_AUTH_SOCK;
  await expect(start({ slaves: 1 })).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_NO_ENGINE',
    message: expect.stringMatching(/authentication methods failed.*ssh-add.*SSH_AUTH_SOCK/),
  });
});
