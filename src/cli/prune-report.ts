import type { HowToPrune } from '../engine/pruning';
import { formatAge, formatBytes } from './amounts';

/** One thing that was found. */
interface Found {
  /** `template /var/cache/…` */
  readonly what: string;
  /** Undefined if nobody knows. */
  readonly bytes: number | undefined;
  /** How long ago it was used, if that matters. */
  readonly unusedMs: number | undefined;
}

/** Says what becomes of each thing, as it happens, and in the end how much that was. */
export interface PruneReport {
  readonly failures: number;
  removed(found: Found): void;
  /** It is not old enough, and only counted. */
  young(): void;
  stays(found: Found, why: string): void;
  failed(found: Found, why: string): void;
  /** Something could not be looked at; that is no failure. */
  passedOver(what: string): void;
  end(): void;
}

type Out = (text: string) => unknown;

export function pruneReport(
  { olderThanMs, dryRun }: HowToPrune,
  out: Out = (text) => process.stdout.write(text),
  err: Out = (text) => process.stderr.write(text),
): PruneReport {
  let count = 0;
  let freed = 0;
  let young = 0;
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    removed(found) {
      count += 1;
      freed += found.bytes ?? 0;
      out(`${dryRun ? 'would remove' : 'removed'}  ${told(found)}\n`);
    },
    young() {
      young += 1;
    },
    stays(found, why) {
      out(`stays  ${told(found)}: ${why}\n`);
    },
    failed(found, why) {
      failures += 1;
      err(`could not remove ${told(found)}: ${why}\n`);
    },
    passedOver(what) {
      err(`${what}\n`);
    },
    end() {
      const things = count === 1 ? '1 thing' : `${count} things`;
      const freeing = `${formatBytes(freed)} ${dryRun ? 'would be freed' : 'freed'}`;
      const rest = young === 0 ? '' : `; ${young} used in the last ${formatAge(olderThanMs)} stay`;
      out(`${freeing}, ${things}${rest}\n`);
    },
  };
}

function told({ what, bytes, unusedMs }: Found): string {
  const facts = [
    ...(bytes === undefined ? [] : [formatBytes(bytes)]),
    ...(unusedMs === undefined ? [] : [`used ${formatAge(unusedMs)} ago`]),
  ];
  return facts.length === 0 ? what : `${what} (${facts.join(', ')})`;
}
