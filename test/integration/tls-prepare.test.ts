import { start } from '../support/cluster';
import { expectNothingLeft } from '../support/leftovers';
import { command, inputs, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';
import { howEncrypted, isEncrypted } from '../support/tls-clients';

const newProject = useProjects('tls-prepare');
afterEach(expectNothingLeft);

test('what prepare runs speaks TLS, too; what it leaves is the same to clusters without', async () => {
  const project = newProject();
  project.write('migrations/1.sql', `CREATE TABLE seen AS ${howEncrypted}`);
  const verifies = 'test "$PGSSLMODE" = verify-full && grep -q CERTIFICATE "$PGSSLROOTCERT"';
  const prepare = { command: `${command} && ${verifies}`, inputs };
  for (const tls of ['required', true, false]) {
    await using the = await start({ slaves: 1, tls, prepare }, project.folder);
    for (const { url } of the.pgCluster.nodes) {
      await expect(rows(url, 'TABLE seen')).resolves.toEqual(isEncrypted);
    }
  }
  expect(project.runs).toBe(1);
});
