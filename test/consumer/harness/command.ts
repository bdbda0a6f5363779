import { spawn } from 'node:child_process';

/** How a command ended, and what it wrote. */
export interface Finished {
  readonly exitCode: number | null;
  /** What ended it, if it did not end itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** @throws with all that it wrote */
  expectExit(code: number): void;
}

/** A command's other ends. */
export interface CommandIo {
  /** What it has written so far. */
  readonly stdout: () => string;
  /** To its standard input. */
  readonly write: (text: string) => void;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly deadlineMs?: number;
  /** What it reads from its standard input; by default, nothing. It is left open while that is null. */
  readonly input?: string | null;
  /** A command that runs another one in its own place. */
  readonly via?: readonly string[];
  /**
   * Does something to the process, which leads its group, while it runs. The second argument gives
   * what it has written to stderr so far.
   */
  readonly whileRunning?: (pid: number, stderr: () => string, io: CommandIo) => Promise<void>;
}

/**
 * Runs a command in a process group of its own, so that at the deadline all of it can be ended.
 * @throws at the deadline, with all that it wrote
 */
export function runCommand(
  command: string,
  args: readonly string[],
  o: CommandOptions,
): Promise<Finished> {
  const { cwd, env, uid, deadlineMs = 300_000, via = [] } = o;
  const [first = command, ...rest] = [...via, command, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(first, rest, {
      cwd,
      env,
      uid,
      gid: uid,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A command that ends early need not have read it.
    child.stdin.on('error', () => {});
    if (o.input !== null) child.stdin.end(o.input ?? '');
    let stdout = '';
    let stderr = '';
    let late = false;
    let disturbed: Error | undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const io = { stdout: () => stdout, write: (text: string) => void child.stdin.write(text) };
    const transcript = (what: string) =>
      `${command} ${args.join(' ')}\n${what}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;

    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, deadlineMs);
    if (o.whileRunning && child.pid !== undefined) {
      o.whileRunning(child.pid, () => stderr, io).catch((error: Error) => {
        disturbed = error;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      });
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // Not 'close': a process that is left over would keep the pipes open, and that is a finding.
    child.on('exit', async (exitCode, signal) => {
      clearTimeout(timer);
      await drained([child.stdout, child.stderr]);
      if (disturbed) return reject(new Error(transcript(disturbed.message)));
      if (late) return reject(new Error(transcript(`was not done after ${deadlineMs} ms`)));
      const ended = signal ? `was ended by ${signal}` : `ended with ${exitCode}`;
      const expectExit = (code: number) => {
        if (exitCode !== code) throw new Error(transcript(`${ended}, not ${code}`));
      };
      resolve({ exitCode, signal, stdout, stderr, expectExit });
    });
  });
}

/** Resolves when the streams have ended, or have been silent for a while. */
async function drained(streams: readonly NodeJS.ReadableStream[]): Promise<void> {
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          const silence = setTimeout(resolve, 500);
          stream.on('data', () => silence.refresh());
          stream.on('close', () => {
            clearTimeout(silence);
            resolve();
          });
        }),
    ),
  );
}
