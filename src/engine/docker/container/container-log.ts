import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { since } from '../../../postgres/server-log';
import { call } from '../client/api-call';
import { demultiplex } from '../client/log-frames';

/** What the server of a container has logged, from `from` (milliseconds since the epoch) on. */
export async function containerLog(
  container: Docker.Container,
  node: string,
  from: number,
  deadline: Deadline,
): Promise<string> {
  const frames = await call(deadline, `read the log of ${node}`, (abortSignal) =>
    container.logs({
      // On the standard output start-node.sh answers to us.
      stdout: false,
      stderr: true,
      since: (from / 1000).toFixed(3),
      follow: false,
      abortSignal,
    }),
  );
  // The engine goes by when it read a line, which may be long after it was written.
  return since(demultiplex(frames), from);
}
