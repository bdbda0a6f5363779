import { Client } from 'pg';
import { buildImage } from '../engine/build-image';
import { useCluster } from '../support/cluster';
import { docker } from '../support/docker';
import { failure } from '../support/failure';
import { expectToHang } from '../support/rows';

describe('on an image without nft, sources of packages and a user postgres, run by another user', () => {
  const tag = 'jest-environment-pg-cluster-test/no-packages:17';
  const dockerfile = `FROM postgres:17
RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d \\
 && dpkg --purge nftables \\
 && echo 'deb http://localhost:9 nowhere main' >/etc/apt/sources.list \\
 && sed -i '/^postgres:/d' /etc/passwd /etc/group \\
 && useradd --uid 1001 other
USER 1001
ENTRYPOINT []
`;
  // Not removed afterwards: made again it would have another id, and need images of ours again.
  beforeAll(() => buildImage(docker, tag, { Dockerfile: dockerfile }));
  const the = useCluster({ image: tag, slaves: 1 });

  test('a cut between nodes says what is missing and what to do; the rest works', async () => {
    const { pgCluster } = the;
    const unsupported = failure(
      'UNSUPPORTED',
      /^packets cannot be dropped: the image has no nft, .*\(E: .*\)\. Give an `image` that has the package nftables, or /,
    );
    const client = new Client(pgCluster.masterUrl);
    await client.connect();
    for (const from of ['cluster', 'all'] as const) {
      await expect(pgCluster.master.disconnect({ from })).rejects.toMatchObject(unsupported);
    }
    await expect(client.query('CREATE TABLE works (a int)')).resolves.toBeDefined();
    await pgCluster.master.disconnect({ from: 'clients' });
    await expectToHang(pgCluster.masterUrl);
    await pgCluster.heal();
    await client.end();
    await pgCluster.pauseSlave();
    await pgCluster.heal();
    await pgCluster.waitForCatchup();
  });
});
