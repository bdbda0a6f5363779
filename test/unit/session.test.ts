import { spawnSync } from 'node:child_process';
import { hasEnded } from '../../src/cleanup/owner';
import { currentSession } from '../../src/cleanup/session';

const [host, machine, boot, namespace, pid, start] = currentSession().owner.split('/');
const ended = spawnSync(process.execPath, ['-e', '']).pid;

test.each([
  ['this process', false, [host, machine, boot, namespace, pid, start]],
  ['a process that has ended', true, [host, machine, boot, namespace, ended, start]],
  ['one that had the same id earlier', true, [host, machine, boot, namespace, pid, '17']],
  ['one before the last boot', true, [host, machine, 'b00t', namespace, pid, start]],
  ['one of another container', false, [host, machine, boot, '4026530000', ended, start]],
  ['one of another host', false, ['elsewhere', machine, boot, namespace, ended, start]],
  ['one of another machine of that name', false, [host, 'm2', boot, namespace, ended, start]],
  [
    'one of a system without start times, which lives',
    false,
    [host, machine, boot, namespace, pid, '-'],
  ],
  [
    'one of a system without start times, which is gone',
    true,
    [host, machine, boot, namespace, ended, '-'],
  ],
  ['a text that names no owner', false, ['nonsense']],
])('%s: ended is %s', (_, expected, owner) => {
  expect(hasEnded(owner.join('/'))).toBe(expected);
});
