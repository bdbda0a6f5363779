import { inspect } from 'node:util';
import type { LedgerReport } from '../../cluster/ledger/ledger-book';
import type { ClusterStatus, NodeStatus } from '../../cluster/replication/status';

/** What a matcher returns to Jest. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Whether a ledger's report shows no loss. A report is recognised by its fields, since it may have
 * been copied, or made in another realm.
 *
 * @throws for anything else, and for a report in which nothing was acknowledged: that would prove
 * nothing, with or without `.not`
 */
export function judgeReport(received: unknown, hint: string): Verdict {
  if (!isReport(received)) {
    throw new TypeError(
      `${hint}\n\nexpects what ledger.verify() resolves to, not ${what(received)}`,
    );
  }
  if (received.acknowledged === 0) {
    throw new Error(
      `${hint}\n\nNothing was acknowledged, so nothing could be lost: ${sum(received)}.\nWait for writes first: await ledger.waitFor('acknowledged', 100)`,
    );
  }
  const { missing, unexpected, node } = received;
  const pass = missing.length === 0 && unexpected.length === 0;
  return {
    pass,
    message: () =>
      [
        `${hint}\n`,
        pass
          ? `Expected ${node} to lack an acknowledged write or to have an unexpected one, but it has just what it should.`
          : '',
        missing.length > 0
          ? `${count(missing.length, 'acknowledged write')} missing on ${node}: ${list(missing)}`
          : '',
        unexpected.length > 0
          ? `${count(unexpected.length, 'row')} on ${node} that nobody sent, or that was refused: ${list(unexpected)}`
          : '',
        `Of all: ${sum(received)}.`,
      ]
        .filter((line) => line !== '')
        .join('\n'),
  };
}

/** Whether every node of a status answers and every slave streams. */
export function judgeStatus(received: unknown, hint: string): Verdict {
  if (!isStatus(received)) {
    throw new TypeError(
      `${hint}\n\nexpects what pgCluster.status() resolves to, not ${what(received)}`,
    );
  }
  const lame = received.nodes.flatMap((node) => fault(node, received.master));
  return {
    pass: lame.length === 0,
    message: () =>
      lame.length === 0
        ? `${hint}\n\nExpected some node not to answer or not to stream, but ${received.master} is the master and all others stream from it.`
        : `${hint}\n\n${lame.join('\n')}`,
  };
}

function fault(node: NodeStatus, master: string): string[] {
  const who = `${node.name} (${node.role})`;
  if (!node.answers) {
    return [`${who} is ${node.state} and does not answer: ${node.problem ?? 'no reason known'}`];
  }
  if (node.name === master || node.streaming) return [];
  return [`${who} does not stream; it has replayed ${node.replayedLsn ?? 'nothing that is known'}`];
}

function isReport(value: unknown): value is LedgerReport {
  const report = value as LedgerReport | null | undefined;
  return (
    typeof report?.acknowledged === 'number' &&
    Array.isArray(report.missing) &&
    Array.isArray(report.unexpected)
  );
}

function isStatus(value: unknown): value is ClusterStatus {
  const status = value as ClusterStatus | null | undefined;
  return typeof status?.master === 'string' && Array.isArray(status.nodes);
}

function what(value: unknown): string {
  const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === 'function';
  return isPromise ? 'a promise: await it first' : inspect(value, { depth: 0 });
}

function sum(report: LedgerReport): string {
  const { written, acknowledged, failed, unknown, unknownPresent, inFlight } = report;
  return `${written} written, ${acknowledged} acknowledged, ${failed} failed, ${unknown} unknown (${unknownPresent} of them there), ${inFlight} in flight`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function list(ids: readonly number[]): string {
  const most = 20;
  const rest = ids.length - most;
  return `${ids.slice(0, most).join(', ')}${rest > 0 ? ` … and ${rest} more` : ''}`;
}
