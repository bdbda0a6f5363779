import { connect, type Socket } from 'node:net';
import { Deadline, within } from '../base/deadline';
import type { DoorNote } from './door-file';
import { lineOf, type Said } from './door-protocol';

const connectMs = 5000;

/** A person's terminal, or a file or pipe with commands. */
export interface OwnTerminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly colours: boolean;
  readonly historyFile?: string | undefined;
}

/** Opens a prompt on a cluster that another process holds. Resolves when it has ended. */
export async function visit(door: DoorNote, terminal: OwnTerminal): Promise<void> {
  const { input, output, colours, historyFile } = terminal;
  const isTerminal = input.isTTY && output.isTTY;
  const columns = output.columns ?? 80;
  const socket = await comeIn(door);
  const tell = (said: Said) => socket.write(lineOf(said));
  const file = historyFile === undefined ? {} : { historyFile };
  tell({ token: door.token, prompt: { isTerminal, colours, columns, ...file } });
  const hear = (chunk: Buffer) => tell({ input: chunk.toString('base64') });
  const resized = () => tell({ columns: output.columns });
  if (isTerminal) input.setRawMode(true);
  input.on('data', hear);
  input.once('end', () => tell({ inputEnds: true }));
  output.on('resize', resized);
  try {
    socket.on('data', (chunk) => output.write(chunk));
    await closing(socket);
  } finally {
    input.removeListener('data', hear);
    output.removeListener('resize', resized);
    if (isTerminal) input.setRawMode(false);
    input.pause();
  }
}

/** Ends a cluster that another process holds. Resolves when it is gone. */
export async function end(door: DoorNote, deadline: Deadline): Promise<void> {
  const socket = await comeIn(door);
  socket.write(lineOf({ token: door.token, end: true }));
  socket.resume();
  try {
    await within(deadline, `the cluster ${door.id} of process ${door.pid} to be removed`, () =>
      closing(socket),
    );
  } finally {
    socket.destroy();
  }
}

async function comeIn({ port, id, pid }: DoorNote): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  try {
    await within(
      Deadline.in(connectMs),
      `process ${pid} to let us in to cluster ${id}`,
      () => connected,
    );
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.on('error', () => {});
  return socket;
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
