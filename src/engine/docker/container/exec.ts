import type Docker from 'dockerode';
import { type Deadline, within } from '../../../base/deadline';
import { call } from '../client/api-call';
import { demultiplex } from '../client/log-frames';
import type { CommandResult } from './run-beside';

/**
 * Runs a command in a running container to its end, as the container's user. `what` completes
 * "could not …".
 */
export async function exec(
  container: Docker.Container,
  o: { command: readonly string[]; what: string },
  deadline: Deadline,
): Promise<CommandResult> {
  const process = await call(deadline, o.what, (abortSignal) =>
    container.exec({
      Cmd: [...o.command],
      AttachStdout: true,
      AttachStderr: true,
      abortSignal,
    }),
  );
  const stream = await call(deadline, o.what, (abortSignal) => process.start({ abortSignal }));
  try {
    const frames = await within(deadline, `the end of a command to ${o.what}`, async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    });
    const { ExitCode } = await call(deadline, o.what, (abortSignal) =>
      process.inspect({ abortSignal }),
    );
    return { exitCode: ExitCode ?? -1, output: demultiplex(frames).trim() };
  } finally {
    // An unread stream would keep its connection open, and so the process alive.
    stream.destroy();
  }
}
