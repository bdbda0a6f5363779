import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import type { ServerUser } from '../system/server-user';
import { runSingleUser } from './single-user';

const sql = `SELECT 'ended ' || timeline_id || ' ' || checkpoint_lsn FROM pg_control_checkpoint()`;

/**
 * Timeline and position where the WAL of a stopped server ends, as `1 0/3000028`; empty if it
 * cannot be told. A server that crashed recovers here, and writes its first new record there.
 */
export async function endOfWal(
  programs: string,
  data: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<string> {
  await rm(join(data, 'standby.signal'), { force: true });
  const stdout = await runSingleUser(programs, data, { user, input: sql }, deadline).catch(
    (error: unknown) => messageOf(error),
  );
  return /"ended (\d+ [0-9A-F/]+)"/.exec(stdout)?.[1] ?? '';
}
