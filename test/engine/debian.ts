import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Deadline } from '../../src/base/deadline';
import { withLock } from '../../src/base/machine/lock';
import { progressTo } from '../../src/base/progress';
import { step } from './report';

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Debian with root rights: the only place where we may install packages ourselves. */
export function isDebianRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && osRelease('ID') === 'debian';
}

/** Debian's tools and dockerd's helpers live in sbin, which PATH may lack. */
export function systemEnv(): NodeJS.ProcessEnv {
  const path = process.env.PATH ? `${process.env.PATH}:${SYSTEM_PATH}` : SYSTEM_PATH;
  return { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' };
}

/** While no other process of this machine's tests does: apt-get update waits for nobody. */
export function aptInstall(packages: readonly string[]): Promise<void> {
  return withLock('test-apt', Deadline.in(10 * 60_000), progressTo(), async () => {
    if (!wasJustUpdated()) await step('apt-get update', () => aptGet(['update']));
    await step(`apt-get install ${packages.join(' ')}`, () =>
      aptGet(['install', '-y', '--no-install-recommends', ...packages]),
    );
  });
}

/** Whether apt has looked for new lists within the hour: several tests of one run install something. */
function wasJustUpdated(): boolean {
  // It has a file for each source in there meanwhile, also for one that has nothing new.
  const { mtimeMs = 0 } = statSync('/var/lib/apt/lists/partial', { throwIfNoEntry: false }) ?? {};
  return Date.now() - mtimeMs < 60 * 60_000;
}

/** The mirror this machine itself installs from. */
export function aptMirror(): string {
  const codename = osRelease('VERSION_CODENAME');
  for (const file of sourceFiles()) {
    const text = readFileSync(file, 'utf8');
    const entries = file.endsWith('.sources') ? deb822Entries(text) : oneLineEntries(text);
    const uri = entries.find((entry) => entry.suites.includes(codename))?.uri;
    if (uri) return uri;
  }
  throw new Error(
    `No apt mirror for "${codename}" in /etc/apt/sources.list or /etc/apt/sources.list.d: ` +
      'add one, or provide the postgres base images yourself.',
  );
}

interface SourceEntry {
  uri: string | undefined;
  suites: string[];
}

function oneLineEntries(text: string): SourceEntry[] {
  return [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/gm)].map((match) => ({
    uri: match[1],
    suites: match[2] ? [match[2]] : [],
  }));
}

function deb822Entries(text: string): SourceEntry[] {
  const disabled = /^(no|false|without|off|disable)$/i;
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .filter((stanza) => words(stanza, 'Types').includes('deb'))
    .filter((stanza) => !disabled.test(words(stanza, 'Enabled')[0] ?? ''))
    .map((stanza) => ({ uri: words(stanza, 'URIs')[0], suites: words(stanza, 'Suites') }));
}

/** A field's words; a field goes on over the lines that start with white space. */
function words(stanza: string, field: string): string[] {
  const value = new RegExp(`^${field}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '';
  return value.split(/\s+/).filter((word) => word !== '');
}

function sourceFiles(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const extra = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    '/etc/apt/sources.list',
    ...extra.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name)),
  ].filter((file) => existsSync(file));
}

function osRelease(key: string): string {
  if (!existsSync('/etc/os-release')) return '';
  const line = new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm');
  return line.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

async function aptGet(args: readonly string[]): Promise<void> {
  // Somebody else's apt run (unattended upgrades, say) is waited for, not failed on.
  const full = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3', ...args];
  try {
    await promisify(execFile)('apt-get', full, {
      env: systemEnv(),
      timeout: 5 * 60_000,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const tail = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`apt-get ${args.join(' ')} failed:\n${tail || String(error)}`);
  }
}
