import { bootstrapRole } from './template';

/**
 * What every engine does alike when it makes or copies a data directory. The shell scripts of the
 * images get it by `rules.sh`, which the build context makes of this.
 */

/** The oldest major version of PostgreSQL that is supported. */
export const oldestMajor = 13;

/** Small WAL segments make a small directory to copy. */
export const initdbOptions = [
  ...['-U', bootstrapRole],
  '--encoding=UTF8',
  '--wal-segsize=1',
  '--no-sync',
] as const;

/** The first one that there is: C.UTF-8 sorts alike on every machine, and so does C. */
export const locales = ['C.UTF-8', 'C'] as const;

/** A copy of a running server has none of these; see "Making a Base Backup" in the manual. */
export const notCopied = [
  'postmaster.pid',
  'postmaster.opts',
  'standby.signal',
  'recovery.signal',
  'backup_label',
  'backup_label.old',
] as const;

/** A snapshot has these directories, and nothing in them; the WAL that it needs is copied last. */
export const emptyInSnapshot = [
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
] as const;

/** In a clone nothing is in these: a slave has no slots of its upstream's, and gets WAL from there. */
export const emptyInClone = [...emptyInSnapshot, 'pg_replslot'] as const;

/** While data are made: the shutdown leaves no WAL that a copy would carry for nothing. */
export const makingSettings = ['wal_keep_size=0', 'wal_recycle=off'] as const;

/** For the single-user mode, which prints `"ended 1 0/3000028"` among other things. */
export const endOfWalSql =
  "SELECT 'ended ' || timeline_id || ' ' || checkpoint_lsn FROM pg_control_checkpoint()";
