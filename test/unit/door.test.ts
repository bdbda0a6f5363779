import { once } from 'node:events';
import { connect } from 'node:net';
import { Deadline } from '../../src/base/deadline';
import { currentRun } from '../../src/base/machine/run-marks';
import { Door } from '../../src/prompt/door';
import { lineOf } from '../../src/prompt/door-protocol';
import { end } from '../../src/prompt/visit';
import { endKeptByOthers } from '../../src/runner/kept-by-others';
import { useFolder } from '../support/folder';
import { until } from '../support/until';

const folder = useFolder('door');
const ended: string[] = [];
const doors: Door[] = [];

/** A door that is closed when somebody asks for the end of what is behind it. */
async function open(id: string, about: { folder?: string; run?: string } = {}): Promise<Door> {
  const door: Door = await Door.open(
    { id, what: id, folder, ...about },
    {
      prompt: () => ({ ended: new Promise(() => {}), close: () => {} }),
      end: () => {
        ended.push(id);
        door.close();
      },
    },
  );
  doors.push(door);
  return door;
}

afterEach(() => {
  for (const door of doors.splice(0)) door.close();
  ended.splice(0);
});

test('a run ends what an earlier run has kept in this folder, and nothing else', async () => {
  await open('of this run', { run: currentRun() });
  await open('up --detach');
  await open('in another folder', { run: 'earlier', folder: `${folder}/other` });
  await open('kept', { run: 'earlier' });
  endKeptByOthers(folder);
  await until('it to be ended', () => ended.length > 0);
  // Each is asked at once: what else were asked would have been by then.
  const last = await open('last');
  await end(last.note, Deadline.in(10_000));
  expect(ended).toEqual(['kept', 'last']);
});

test('who does not know the token is sent away, whatever is asked for', async () => {
  const { note } = await open('closed');
  for (const said of [{ end: true }, { token: '', end: true }, { token: 'guessed', end: true }]) {
    const socket = connect(note.port, '127.0.0.1').on('error', () => {});
    socket.write(lineOf(said));
    socket.resume();
    await once(socket, 'close');
  }
  expect(ended).toEqual([]);
  await end(note, Deadline.in(10_000));
  expect(ended).toEqual(['closed']);
});
