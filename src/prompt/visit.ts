import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Deadline, within } from '../base/deadline';
import type { DoorNote } from './door-file';
import { type Answered, lineOf, type Said, saidIn } from './door-protocol';
import type { PromptOutcome } from './place';

const connectMs = 5000;

/** A person's terminal, or a file or pipe with commands. */
export interface OwnTerminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly colours: boolean;
  readonly historyFile?: string | undefined;
}

/**
 * Opens a prompt on a cluster that another process holds. Resolves when it has ended.
 * @throws if the cluster ends before
 */
export async function visit(door: DoorNote, terminal: OwnTerminal): Promise<PromptOutcome> {
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
  let outcome: PromptOutcome | undefined;
  try {
    createInterface({ input: socket }).on('line', (line) => {
      const answered = saidIn<Answered>(line);
      if (answered?.output !== undefined) output.write(Buffer.from(answered.output, 'base64'));
      outcome ??= answered?.outcome;
    });
    await closing(socket);
  } finally {
    input.removeListener('data', hear);
    output.removeListener('resize', resized);
    if (isTerminal) input.setRawMode(false);
    input.pause();
  }
  if (outcome) return outcome;
  throw new Error(`the cluster ${door.id} has ended, and its prompt with it`);
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
