import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { type Deadline, within } from '../../../base/deadline';
import type { Endpoint } from '../../../postgres/endpoint';
import { openToAppend } from '../system/owned-files';
import { serverEnv } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

/** Begins to start PostgreSQL's server, which lives on if this process ends. */
export function spawnServer(o: {
  programs: string;
  user: ServerUser;
  endpoint: Endpoint;
  env: Readonly<Record<string, string>> | undefined;
  /** Settings, `name=value` each. */
  settings: readonly string[] | undefined;
  data: string;
  /** The file that it writes its log to. */
  log: string;
}): ChildProcess {
  const log = openToAppend(o.log, o.user);
  try {
    return spawn(
      join(o.programs, 'postgres'),
      [
        ...['-D', o.data],
        ...['-c', `listen_addresses=${o.endpoint.host}`],
        ...['-c', `port=${o.endpoint.port}`],
        ...['-c', 'unix_socket_directories='],
        // In the data directory, so that nothing of a killed server is left outside of it.
        ...['-c', 'dynamic_shared_memory_type=mmap'],
        ...(o.settings ?? []).flatMap((setting) => ['-c', setting]),
      ],
      {
        ...o.user.ids,
        cwd: o.data,
        env: { ...serverEnv(), ...o.env },
        // Ctrl-C in the terminal is not meant for it.
        detached: true,
        stdio: ['ignore', log, log],
      },
    );
  } finally {
    closeSync(log);
  }
}

/** @throws what the system says when the program cannot be run */
export async function untilSpawned(
  child: ChildProcess,
  what: string,
  deadline: Deadline,
): Promise<void> {
  await within(
    deadline,
    what,
    () =>
      new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      }),
  );
  child.unref();
}
