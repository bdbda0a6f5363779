import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStart } from '../../src/base/machine/process-start-time';
import { endProcessesOf } from '../engine/end-processes';
import { isOfDead, markOf } from '../engine/mark-of-maker';
import { OwnUser } from '../engine/own-user';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  const [line] = child.stdout ? await once(child.stdout, 'data') : [];
  return String(line).trim();
}

const isUser = (name: string) => readFileSync('/etc/passwd', 'utf8').includes(`${name}:`);
const runs = (pid: number) => processStart(pid) !== undefined;

test('the user of a run that was killed is removed with all that has it, and no other one', async () => {
  const made = `
    const { OwnUser } = require('../engine/own-user');
    OwnUser.create().then((user) => {
      const child = user.spawn('sleep', '600');
      console.log(JSON.stringify({ name: user.name, folder: user.folder, pid: child.pid }));
    });`;
  const maker = run(process.execPath, '--require', 'tsx/cjs', '--eval', made);
  const left = JSON.parse(await firstLineOf(maker));
  const living = await OwnUser.create();
  try {
    await OwnUser.removeLeftOnes();
    // Its maker lives.
    expect([isUser(left.name), runs(left.pid)]).toEqual([true, true]);
    maker.kill('SIGKILL');
    await once(maker, 'exit');
    await OwnUser.removeLeftOnes();
    expect([isUser(left.name), existsSync(left.folder), runs(left.pid)]).toEqual(
      Array(3).fill(false),
    );
    expect([isUser(living.name), existsSync(living.folder)]).toEqual([true, true]);
  } finally {
    await living.remove();
  }
});

test('what lives in the mounts of a folder is ended, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgc-m-'));
  const sleeper = (source: string) =>
    run(
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs ${source} /mnt && echo in && exec sleep 600`,
    );
  try {
    const [its, other] = [sleeper(folder), sleeper('pgc-other')];
    await Promise.all([its, other].map(firstLineOf));
    const ended = once(its, 'exit');
    await endProcessesOf(folder);
    await expect(ended).resolves.toEqual([null, 'SIGKILL']);
    expect(other.signalCode).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a mark is of one process, and says nothing in another PID namespace', async () => {
  const child = run('sleep', '600');
  const mark = markOf(child.pid ?? 0);
  expect(isOfDead(mark)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isOfDead(mark)).toBe(true);
  expect(isOfDead(mark.replace(/\d+$/, '1'))).toBe(false);
  expect(isOfDead('somebody')).toBe(false);
});
