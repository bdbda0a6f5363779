import { Deadline } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import { type Lsn, lsnNumber } from '../../postgres/wal/lsn';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { timelineOf } from './wal-position';
import { type WalSender, walSenders } from './wal-senders';

/** What the cluster looked like at one moment. */
export interface ClusterStatus {
  /** The name of the node that is master. */
  readonly master: string;
  /** In name order. */
  readonly nodes: readonly NodeStatus[];
}

/** What one node looked like. What could not be seen is null. */
export interface NodeStatus {
  readonly name: string;
  readonly role: 'master' | 'slave';
  readonly state: 'running' | 'paused' | 'stopped';
  /** Whether it answered a query just now. */
  readonly answers: boolean;
  /**
   * Master: how far it has written. Slave: how far it has replayed, if need be as last reported.
   */
  readonly lsn: Lsn | null;
  /** Slave: how far it has received. */
  readonly receivedLsn: Lsn | null;
  /** Slave: how far it has replayed, as `lsn`. */
  readonly replayedLsn: Lsn | null;
  /** PostgreSQL's timeline, 1 at birth, one more with each promotion. */
  readonly timelineId: number | null;
  /** Slave: whether its upstream sends it WAL and says `streaming`. */
  readonly streaming: boolean;
  /** Slave: bytes of WAL that the master has written and it has not replayed. */
  readonly lagBytes: number | null;
  /** Slave: age of the last transaction that it has replayed, in ms; 0 when it lacks nothing. */
  readonly lagMs: number | null;
  /** Slave: whether its replay is paused, by `pauseReplay` or the option `staleReads`. */
  readonly replayPaused: boolean | null;
  /** Slave: how the master counts it for commits. */
  readonly syncState: 'async' | 'potential' | 'sync' | 'quorum' | null;
  /** Why it did not answer. */
  readonly problem: string | null;
}

/** How long the engine may take to tell whether a server runs: it may be far away. */
const observeMs = 10_000;
/** How long the server may take to answer then. */
const lookMs = 2000;

/** Looks at every node at the same time; a node that does not answer costs at most two seconds. */
export async function status(cluster: Cluster): Promise<ClusterStatus> {
  cluster.assertOpen();
  const { nodes, master: masterNode } = cluster;
  const found = await Promise.all(nodes.map(lookAt));
  // Slaves may be upstreams as well.
  const [facts, senders] = [found.map(([fact]) => fact), found.flatMap(([, sender]) => sender)];
  const master = facts.find(({ node }) => node === masterNode);
  const seen = facts.map((fact): NodeStatus => {
    const { node, row } = fact;
    const sender = node === masterNode ? undefined : senders.find((s) => s.slave === node.name);
    const replayedLsn = node === masterNode ? null : (row?.replayed ?? sender?.replayedLsn ?? null);
    const lagBytes =
      node === masterNode
        ? null
        : (distance(master?.row?.written, replayedLsn) ?? sender?.lagBytes ?? null);
    return Object.freeze({
      name: node.name,
      role: node === masterNode ? 'master' : 'slave',
      state: node.state,
      answers: row !== undefined,
      lsn: node === masterNode ? (row?.written ?? null) : replayedLsn,
      receivedLsn: row?.received ?? null,
      replayedLsn,
      timelineId: row?.timelineId ?? null,
      streaming: sender?.state === 'streaming',
      lagBytes,
      lagMs: node === masterNode || !row ? null : lagBytes === 0 ? 0 : row.ageMs,
      replayPaused: row?.replayPaused ?? null,
      syncState: sender?.syncState ?? null,
      problem: fact.problem,
    });
  });
  return Object.freeze({ master: masterNode.name, nodes: Object.freeze(seen) });
}

interface Row {
  readonly written: Lsn | null;
  readonly received: Lsn | null;
  readonly replayed: Lsn | null;
  readonly ageMs: number | null;
  readonly replayPaused: boolean | null;
  /** The timeline that a walreceiver asks for, if there is one. */
  readonly receivesOn: number | null;
}

interface Timeline {
  readonly timelineId: number;
}

/** What a node says of itself. */
interface Facts {
  readonly node: Node;
  readonly row: (Row & Timeline) | undefined;
  readonly problem: string | null;
}

async function lookAt(node: Node): Promise<[Facts, WalSender[]]> {
  try {
    const { state, detail } = await node.observe(Deadline.in(observeMs));
    if (state !== 'running') return [{ node, row: undefined, problem: detail }, []];
  } catch (error) {
    return [{ node, row: undefined, problem: messageOf(error) }, []];
  }
  const deadline = Deadline.in(lookMs);
  // Why there are none, its facts say.
  return Promise.all([factsOf(node, deadline), walSenders(node, deadline).catch(() => [])]);
}

async function factsOf(node: Node, deadline: Deadline): Promise<Facts> {
  try {
    const [row] = await node.sql<Row>(
      `SELECT CASE WHEN NOT recovering THEN pg_current_wal_lsn()::text END AS written,
              pg_last_wal_receive_lsn()::text AS received,
              CASE WHEN recovering THEN pg_last_wal_replay_lsn()::text END AS replayed,
              (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8
                AS "ageMs",
              CASE WHEN recovering THEN pg_is_wal_replay_paused() END AS "replayPaused",
              (SELECT received_tli FROM pg_stat_wal_receiver) AS "receivesOn"
         FROM pg_is_in_recovery() AS recovering`,
      [],
      deadline,
    );
    // Without a receiver it is on the timeline of what is there.
    const timelineId = row?.receivesOn ?? (await timelineOf(node, deadline));
    return { node, row: row && { ...row, timelineId }, problem: null };
  } catch (error) {
    return { node, row: undefined, problem: messageOf(error) };
  }
}

/** Bytes from `from` back to `to`. */
function distance(from: Lsn | null | undefined, to: Lsn | null): number | null {
  if (!from || !to) return null;
  return Number(lsnNumber(from) - lsnNumber(to));
}
