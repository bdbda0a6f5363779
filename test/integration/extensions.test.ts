import { start } from '../support/cluster';
import { failure } from '../support/failure';
import { useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';
import { unseen } from '../support/unseen';

const newProject = useProjects('extensions');

test('extensions are there before init, made by a superuser, with what they need', async () => {
  const project = newProject();
  project.write('init.sql', `CREATE TABLE places AS SELECT ll_to_earth(1, 2) AS place`);
  await using the = await start(
    { slaves: 1, extensions: ['pg_buffercache', 'earthdistance'], init: 'init.sql' },
    project.folder,
  );
  for (const { url } of the.pgCluster.nodes) {
    const sql = 'SELECT extname FROM pg_extension ORDER BY extname';
    const names = (await rows(url, sql)).map(({ extname }) => extname);
    expect(names).toEqual(['cube', 'earthdistance', 'pg_buffercache', 'plpgsql']);
  }
});

test('one that is not installed is told, with where to get it and what there is', async () => {
  const given = { slaves: 0, extensions: 'postgis', settings: unseen() };
  await expect(start(given)).rejects.toMatchObject(
    failure(
      'IMAGE',
      /the extension postgis is not installed where the servers run\. In Docker, take .*postgis\/postgis:17-3\.5; on the local engine, install postgresql-17-postgis-3, .*There are: .*citext, .*plpgsql/,
    ),
  );
});
