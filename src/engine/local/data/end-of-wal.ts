import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import { endOfWalSql } from '../../data-directory-rules';
import { type WalEnd, walEnd } from '../../engine-node';
import type { ServerUser } from '../system/server-user';
import { runSingleUser } from './single-user';

/**
 * Where the WAL of a stopped server ends; undefined if that cannot be found out. A server that
 * crashed recovers here first, and writes its first new record there.
 */
export async function endOfWal(
  programs: string,
  data: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<WalEnd | undefined> {
  await rm(join(data, 'standby.signal'), { force: true });
  const stdout = await runSingleUser(programs, data, { user, input: endOfWalSql }, deadline).catch(
    (error: unknown) => messageOf(error),
  );
  return walEnd(/"ended (.*)"/.exec(stdout)?.[1] ?? '');
}
