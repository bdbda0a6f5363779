import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type Docker from 'dockerode';
import { type Deadline, within } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import type { Progress } from '../../../base/progress';
import { call } from '../client/api-call';

/** One message that the engine streams while it builds or pulls. */
interface ProgressEvent {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

/**
 * Builds an image and tags it; resolves to its id.
 *
 * @throws `ERR_PG_CLUSTER_IMAGE` with the output of the step that failed.
 */
export async function build(o: {
  docker: Docker;
  /** A tar archive. */
  context: Buffer;
  tag: string;
  args: Record<string, string>;
  labels: Record<string, string>;
  /** Completes "building …". */
  what: string;
  progress: Progress;
  deadline: Deadline;
}): Promise<string> {
  let step = 'sending the dockerfile';
  let output = '';
  let id: string | undefined;
  o.progress.step(`building ${o.what}`);
  try {
    const stream = await call(o.deadline, `build ${o.what}`, (abortSignal) =>
      o.docker.buildImage(Readable.from([o.context]), {
        t: o.tag,
        buildargs: o.args,
        labels: o.labels,
        forcerm: true,
        abortSignal,
      }),
    );
    await follow(o.docker, stream, o.deadline, `build ${o.what}`, (event) => {
      const text = event.stream ?? '';
      const started = stepStarted(text);
      if (started !== undefined) {
        step = started;
        output = '';
        o.progress.step(`building ${o.what}, ${step}`);
      } else {
        output += text;
      }
      id = event.aux?.ID ?? id;
    });
    if (id === undefined) throw new Error('the engine did not name the image that it built');
    return id;
  } catch (error) {
    o.progress.end();
    throw new PgClusterError(
      'ERR_PG_CLUSTER_IMAGE',
      `building ${o.what} failed at ${step}\n${endOf(output, messageOf(error))}`,
      { cause: error },
    );
  }
}

/** `step 3/7: RUN …`, if a line from Docker or Podman says so. */
export function stepStarted(line: string): string | undefined {
  const [, step, what] = /^step (\d+\/\d+) ?: (.*)/i.exec(line) ?? [];
  return step === undefined ? undefined : `step ${step}: ${what}`;
}

/**
 * The last lines of the step itself: without the engine's colours for stderr, and without its own
 * lines.
 */
function endOf(output: string, error: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^( ---> |--> |Removing intermediate)/.test(line));
  return [...lines.slice(-40), error].map((line) => `  | ${line}`).join('\n');
}

/** Reads the engine's stream of events to its end, and throws an error that comes in it. */
export async function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  deadline: Deadline,
  what: string,
  onEvent: (event: ProgressEvent) => void,
): Promise<void> {
  try {
    await within(
      deadline,
      `the Docker engine to ${what}`,
      () =>
        new Promise<void>((resolve, reject) => {
          docker.modem.followProgress(
            stream,
            (error) => (error ? reject(error) : resolve()),
            (event: ProgressEvent) => {
              // followProgress itself does not fail on an error in the stream.
              if (event.error) reject(new Error(event.error.trim()));
              else onEvent(event);
            },
          );
        }),
    );
  } finally {
    // An unread stream would keep its connection open, and so the process alive.
    (stream as Readable).destroy();
  }
}
