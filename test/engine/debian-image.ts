import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { buildImage } from './build-image';
import { aptInstall, aptMirror, systemEnv } from './debian';
import { readProgress } from './progress';
import { sayLoudly, step } from './report';

/** Which Debian release carries which major. */
const SUITES: Readonly<Record<number, string>> = { 13: 'bullseye', 15: 'bookworm', 17: 'trixie' };
const MAKE_TIMEOUT_MS = 10 * 60_000;

/** Makes an image shaped like the official `postgres:<major>` out of Debian packages. */
export async function makeImageFromDebian(
  docker: Docker,
  major: number,
  tag: string,
): Promise<void> {
  const suite = SUITES[major];
  if (!suite) {
    throw new Error(
      `PostgreSQL ${major} is in no Debian release that we know of; those that can be made are ` +
        `${Object.keys(SUITES).join(', ')}. Load an image ${tag} into the engine instead.`,
    );
  }
  if (!existsSync('/usr/bin/mmdebstrap')) {
    sayLoudly('installing Debian package mmdebstrap');
    await aptInstall(['mmdebstrap']);
  }
  const root = await step(`${tag} root file system (${suite})`, () =>
    importRootFileSystem(docker, mmdebstrapArguments(major, suite, aptMirror())),
  );
  try {
    await step(`${tag} image settings`, () => applyImageSettings(docker, root, major, tag));
  } catch (error) {
    await docker
      .getImage(root)
      .remove({ force: true })
      .catch(() => undefined);
    throw error;
  }
}

/** Streams the tar straight into the engine, so that no half gigabyte of it lies about. */
async function importRootFileSystem(docker: Docker, args: readonly string[]): Promise<string> {
  const child = spawn('mmdebstrap', args, {
    env: systemEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAKE_TIMEOUT_MS,
  });
  await once(child, 'spawn');
  let log = '';
  child.stderr.on('data', (chunk) => (log = `${log}${chunk}`.slice(-4_000)));

  // Ended by hand: a tar that broke off must fail the import instead of becoming an image.
  const tar = new PassThrough();
  child.stdout.pipe(tar, { end: false });
  child.once('close', (code, signal) => {
    if (code === 0) tar.end();
    else tar.destroy(new Error(`mmdebstrap ended with ${code ?? signal}:\n${log.trim()}`));
  });
  try {
    return await readProgress(await docker.importImage(tar, {}));
  } finally {
    child.kill('SIGTERM');
  }
}

/** A build, since an import cannot set STOPSIGNAL. */
async function applyImageSettings(
  docker: Docker,
  root: string,
  major: number,
  tag: string,
): Promise<void> {
  await buildImage(docker, tag, {
    Dockerfile: dockerfile(root, major),
    'docker-entrypoint.sh': readFileSync(join(__dirname, 'docker-entrypoint.sh')),
  });
}

function dockerfile(root: string, major: number): string {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return `FROM ${root}
COPY docker-entrypoint.sh /usr/local/bin/
ENV PATH=/usr/lib/postgresql/${major}/bin:${path} LANG=C.UTF-8
ENV PG_MAJOR=${major} PGDATA=/var/lib/postgresql/data
LABEL jest-environment-pg-cluster.made-from=debian-packages
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
`;
}

function mmdebstrapArguments(major: number, suite: string, mirror: string): string[] {
  const packages = [`postgresql-${major}`, 'debian-archive-keyring'];
  if (mirror.startsWith('https:')) packages.push('ca-certificates');
  // The official images do not have it. Half a dozen engines of one run build on this image, and each would
  // take ten seconds to install it; that it is installed where it is missing is tried with version 13.
  if (major === 17) packages.push('nftables');
  return [
    '--variant=apt',
    '--format=tar',
    `--include=${packages.join(',')}`,
    // A release that Debian no longer updates has a Release file whose date has run out.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Retries "3"',
    `--extract-hook=${leaveOut(major)}`,
    `--essential-hook=${beforePackages()}`,
    `--customize-hook=${afterPackages(major)}`,
    // The socket's folder is in /run, as in the official image.
    '--skip=cleanup/run',
    suite,
    '-',
    mirror,
  ];
}

/**
 * Tells dpkg what to leave out, and takes out what is there by then. `--dpkgopt` would do that, too, but has
 * each package filtered by a program of its own, which takes as long as all the rest.
 */
function leaveOut(major: number): string {
  const config = [
    'force-unsafe-io',
    ...unneeded(major).map((path) => `path-exclude=${path}`),
    'path-include=/usr/share/i18n/SUPPORTED',
  ];
  return [
    'set -e',
    `printf '%s\\n' ${config.map((line) => `'${line}'`).join(' ')} >"$1/etc/dpkg/dpkg.cfg.d/unneeded"`,
    ...unneededEverywhere.map((name) => `rm -rf "$1/usr/share/${name}/"*`),
  ].join('\n');
}

const unneededEverywhere = ['doc', 'man', 'info', 'locale', 'lintian', 'i18n'];

/** PostgreSQL switches JIT off by itself when its library is missing; LLVM is 150 MB. */
function unneeded(major: number): string[] {
  return [
    ...unneededEverywhere.map((name) => `/usr/share/${name}/*`),
    '/usr/lib/*/libLLVM*',
    '/usr/lib/llvm-*/*',
    '/usr/lib/*/libz3.so*',
    `/usr/lib/postgresql/${major}/lib/bitcode/*`,
    `/usr/lib/postgresql/${major}/lib/llvmjit*`,
  ];
}

/** The user as the official image numbers it, and no cluster of Debian's own. */
function beforePackages(): string {
  return [
    'set -e',
    'echo postgres:x:999: >> "$1/etc/group"',
    'echo postgres:x:999:999::/var/lib/postgresql:/bin/bash >> "$1/etc/passwd"',
    'mkdir -p "$1/etc/postgresql-common/createcluster.d"',
    'echo create_main_cluster = false > "$1/etc/postgresql-common/createcluster.d/none.conf"',
  ].join('\n');
}

function afterPackages(major: number): string {
  const sample = `"$1/usr/share/postgresql/${major}/postgresql.conf.sample"`;
  return [
    'set -e',
    'install -d -o 999 -g 999 -m 1777 "$1/var/lib/postgresql" "$1/var/lib/postgresql/data"',
    'install -d -o 999 -g 999 -m 3777 "$1/run/postgresql"',
    'install -d "$1/docker-entrypoint-initdb.d"',
    `sed -ri "s/^#?(listen_addresses) *=.*/\\1 = '*'/" ${sample}`,
  ].join('\n');
}
