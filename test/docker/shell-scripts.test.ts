import type Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { demultiplex } from '../../src/engine/docker/client/log-frames';
import { exec } from '../../src/engine/docker/container/exec';
import { StartScript } from '../../src/engine/docker/container/start-script';
import { scripts, tar } from '../../src/engine/docker/image/build-context';
import { docker } from '../support/docker';

const deadline = () => Deadline.in(60_000);

/** Programs that stand in front of the real ones; each test begins without any. */
const path = '/fake:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const containers: Docker.Container[] = [];
afterAll(() => Promise.all(containers.map((made) => made.remove({ force: true, v: true }))));

/** A container with our scripts in /pg-cluster, as the build steps have them. */
async function make(options: Partial<Docker.ContainerCreateOptions>): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: 'postgres:17',
    Entrypoint: ['sleep', '600'],
    Cmd: [],
    Env: [`PATH=${path}`],
    User: 'root',
    HostConfig: { NetworkMode: 'none', Tmpfs: { '/var/lib/postgresql/data': 'size=1m' } },
    ...options,
  });
  containers.push(container);
  const archive = await tar(
    scripts().map(([name, content]) => [`pg-cluster/${name}`, content] as const),
  );
  await container.putArchive(archive, { path: '/' });
  return container;
}

let container: Docker.Container;
beforeAll(async () => {
  container = await make({});
  await container.start();
});

/** Runs lines of shell in it, each of which has to succeed, and then a command. */
async function run(setUp: string, command: string) {
  const script = `set -e; rm -rf /fake; mkdir /fake; cd /pg-cluster; umask 022
fake() { cat >"$1"; chmod 755 "$1"; }
${setUp}
set +e; ${command}`;
  return exec(container, { command: ['sh', '-c', script], what: 'run a script' }, deadline());
}

const programs = 'postgres initdb pg_ctl psql pg_basebackup';
const old = (version: string) => `
mkdir -p /usr/lib/postgresql/${version}/bin
for program in ${programs}; do
  echo 'echo "postgres (PostgreSQL) ${version}"' | fake /usr/lib/postgresql/${version}/bin/$program
done`;

test('link-programs.sh takes the newest PostgreSQL of an image, however names sort', async () => {
  const setUp = `${old('9.6')}${old('16.9')}
mkdir /usr/lib/postgresql/broken /usr/lib/postgresql/broken/bin
echo 'exit 1' | fake /usr/lib/postgresql/broken/bin/postgres`;
  const { output } = await run(
    setUp,
    'sh link-programs.sh ""; ls -l bin/initdb; sh link-programs.sh 16; ls -l bin/initdb; sh link-programs.sh 9; sh link-programs.sh 14; rm -rf /usr/lib/postgresql/9.6 /usr/lib/postgresql/16.9 /usr/lib/postgresql/broken; sh link-programs.sh 17',
  );
  expect(output.replace(/^.*-> /gm, '').split('\n')).toEqual([
    '/usr/lib/postgresql/17/bin/initdb',
    '/usr/lib/postgresql/16.9/bin/initdb',
    'this image carries PostgreSQL 16 17 9, but 13 is the first version that is supported',
    'this image carries PostgreSQL 16 17 9, not the version 14 that was asked for',
  ]);
});

const template = `
rm -rf data* base snapshots template; mkdir -p template/init
: >template/postgresql.conf; : >template/pg_hba.conf; : >template/in-database.sql
echo 'CREATE ROLE someone' >template/bootstrap.sql; : >template/closing.sql
printf postgres >template/user; printf postgres >template/database
sh link-programs.sh 17; chown -R postgres /pg-cluster; rm bin/initdb`;
const asPostgres = (command: string) => `setpriv --reuid postgres ${command}`;
const locale = `echo 'SELECT datcollate, datctype FROM pg_database LIMIT 1' |
${asPostgres('bin/postgres --single -D data postgres')} 2>&1 | sed -n 's/.*dat.* = "\\(.*\\)".*/\\1/p'`;

test('initialise.sh falls back to the locale C, and reports every other failure', async () => {
  const lacking = `${template}
fake bin/initdb <<'end'
#!/bin/sh
case "$*" in
*C.UTF-8*) [ "$LC_ALL" = C ] && echo 'initdb: error: invalid locale name "C.UTF-8"' >&2; exit 1 ;;
esac
exec /usr/lib/postgresql/17/bin/initdb "$@"
end`;
  const made = asPostgres('sh -c "sh initialise.sh && sh make-data-directory.sh"');
  const fallenBack = await run(lacking, `${made} && ${locale}`);
  expect(fallenBack).toEqual({ exitCode: 0, output: 'C\nC' });

  const failing = `${template}
fake bin/initdb <<'end'
#!/bin/sh
echo 'initdb: error: no space left' >&2
exit 1
end`;
  const failed = await run(failing, asPostgres('sh initialise.sh'));
  expect(failed).toEqual({ exitCode: 1, output: 'initdb: error: no space left' });
});

describe('save-snapshot.sh', () => {
  const data = `rm -rf data* base snapshots exchange run
mkdir -p run base data.a/global snapshots exchange; ln -s data.a data
touch run/born data.a/PG_VERSION data.a/global/pg_control`;
  const cp = (script: string) => `${data}\nfake /fake/cp <<'end'\n#!/bin/sh\n${script}\nend`;

  test('tolerates files that vanish meanwhile, whatever language cp speaks', async () => {
    const german = cp(`/usr/bin/cp "$@"
if [ "$LC_ALL" = C ]; then echo "cp: cannot stat 'x': No such file or directory" >&2
else echo "cp: 'x': Datei oder Verzeichnis nicht gefunden" >&2; fi
exit 1`);
    const { exitCode } = await run(german, 'LANG=de_DE.UTF-8 sh save-snapshot.sh copy of-a-test');
    expect(exitCode).toBe(0);
  });

  test.each([
    ['is killed', 'kill -9 $$', 'Killed\ncp ended with 137'],
    ['ends without a word', 'exit 1', 'cp ended with 1'],
    ['has no room', 'echo "cp: no room" >&2; exit 1', 'cp: no room\ncp ended with 1'],
    [
      'is killed after it has missed a file',
      'echo "cp: x: No such file or directory" >&2; kill -9 $$',
      'Killed\ncp ended with 137',
    ],
  ])('fails when cp %s', async (_, script, output) => {
    const ended = await run(cp(script), 'sh save-snapshot.sh copy of-a-test');
    expect(ended).toEqual({ exitCode: 1, output });
  });
});

/** Something that takes long and says that it has begun. */
const long = (program: string) =>
  `printf '#!/bin/sh\\necho begun >&2\\nexec sleep 600\\n' >${program}; chmod 755 ${program}`;

test.each([
  ['clones another', `mkdir bin run; ${long('bin/pg_basebackup')}`],
  [
    'puts its data back',
    `mkdir -p run data.a base snapshots/born; ln -s data.a data; touch run/born data.a/PG_VERSION
echo born >run/next-start.restore; echo new >base/new; ${long('/fake/cp')}`,
  ],
])('docker stop ends a node that %s without waiting out the grace period', async (_, setUp) => {
  const node = await make({
    Entrypoint: ['sh', '-ec', `mkdir -p /fake; cd /pg-cluster; ${setUp}; exec sh start-node.sh`],
    OpenStdin: true,
    StopSignal: 'SIGINT',
    Env: [
      `PATH=${path}`,
      'PG_CLUSTER_CONF=',
      ...['PG_CLUSTER_ROLE=slave', 'PG_CLUSTER_CLONE=1', 'PG_CLUSTER_AWAITS_START='],
    ],
  });
  const script = new StartScript('pg1', node);
  await script.open(deadline());
  await node.start();
  await script.tell('born', deadline());
  await poll({
    deadline: deadline(),
    what: 'the long work to begin',
    intervalMs: 20,
    look: async () => {
      const log = demultiplex(await node.logs({ stderr: true }));
      return log.includes('begun') ? { done: undefined } : { seen: log };
    },
  });
  await node.stop({ t: 5 });
  // 137, if the engine had to kill it.
  expect((await node.wait()).StatusCode).toBe(0);
});

test('start-node.sh says what it was doing when one of its programs ended without a word', async () => {
  const setUp = `mkdir -p run data.a base snapshots/born; ln -sfn data.a data
touch run/born data.a/PG_VERSION base/new; echo born >run/next-start.restore
fake /fake/cp <<'end'
#!/bin/sh
kill -9 $$
end`;
  const { exitCode, output } = await run(
    `rm -rf data* base run snapshots; ${setUp}`,
    'PG_CLUSTER_AWAITS_START= sh start-node.sh',
  );
  expect(output).toContain('start-node.sh ended with 137 while getting ready');
  expect(exitCode).toBe(137);
});
