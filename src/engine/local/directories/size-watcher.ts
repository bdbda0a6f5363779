import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { Deadline } from '../../../base/deadline';
import { fileSystemOf, roomIn } from '../system/free-space';
import { appendOwned } from '../system/owned-files';
import { isGone } from '../system/read-if-there';
import { type Bound, boundOf, noteWhyEnded, whyEnded } from './data-bounds';
import { endServers } from './remove-tree';
import { dataRoots } from './roots';

/** A server writes up to 50 MB in that time. */
const intervalMs = 100;
/** What a node takes at its birth, at most. */
const bornBytes = 64 * 1024 * 1024;
/** Some disks tell late what was written to them: there the nodes are looked at this often, too. */
const diskMs = 5000;
/** With less than this left, or a sixteenth of the machine's memory, what grows is ended. */
const floorBytes = 512 * 1024 * 1024;
/** How much may be written before it is asked again how much is left. */
const askAgainBytes = 32 * 1024 * 1024;
/** How much is growing, from one look to the next. */
const growingBytes = 4 * 1024 * 1024;
const endMs = 10_000;

interface WatchedCluster {
  readonly bound: Bound;
  /** On its file system, by all who use that. */
  used: number;
  /** How much that has grown since the cluster was seen first: nodes cannot have taken more. */
  grown: number;
  /** What that was when there was last seen to be room. */
  askedAt: number;
  readonly nodes: Map<string, Look>;
}

interface Look {
  readonly taken: number;
  /** Of the cluster's `grown`. */
  readonly grown: number;
  readonly at: number;
}

/**
 * Ends the servers of a session that take more than their bound. In a process of its own, as a
 * statement that inserts without end needs nobody to go on, and tests may keep theirs busy.
 *
 * To look at the file system takes microseconds; only when that has grown so much that a node may
 * be over its bound is the node's directory looked at, which takes milliseconds.
 */
export class SizeWatcher {
  readonly #homes: readonly string[];
  readonly #floor: number;
  readonly #clusters = new Map<string, WatchedCluster>();
  readonly #ending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param floor with how many bytes left on the machine what grows is ended */
  constructor(sessionId: string, floor = Math.min(floorBytes, totalmem() / 16)) {
    this.#floor = floor;
    this.#homes = dataRoots().map((root) => join(root, sessionId));
  }

  /** Keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  look(): void {
    const found = this.#homes.flatMap((home) => namesIn(home).map((name) => join(home, name)));
    for (const path of this.#clusters.keys())
      if (!found.includes(path)) this.#clusters.delete(path);
    for (const path of found) {
      try {
        const cluster = this.#clusters.get(path) ?? watched(path);
        if (!cluster) continue;
        this.#clusters.set(path, cluster);
        this.#lookAt(path, cluster);
      } catch (error) {
        // It is being removed.
        if (!isGone(error)) throw error;
      }
    }
  }

  #lookAt(path: string, cluster: WatchedCluster): void {
    const { bound } = cluster;
    const { used, isMemory } = fileSystemOf(bound.servers);
    cluster.grown += Math.max(0, used - cluster.used);
    cluster.used = used;
    const left = this.#roomIn(cluster);
    const isLow = left < this.#floor;
    const now = performance.now();
    // A snapshot that is being made has no server.
    for (const name of namesIn(bound.servers).filter((entry) => !entry.startsWith('snapshot-'))) {
      const before = cluster.nodes.get(name) ?? { taken: bornBytes, grown: 0, at: now };
      cluster.nodes.set(name, before);
      const atMost = before.taken + cluster.grown - before.grown;
      const isOld = !isMemory && now - before.at > diskMs;
      if (!isLow && !isOld && atMost <= bound.bytes) continue;
      const home = join(bound.servers, name);
      const taken = sizeOf(home);
      cluster.nodes.set(name, { taken, grown: cluster.grown, at: now });
      const why = whyToEnd({ bound, taken, before: before.taken, left, isLow, isMemory });
      if (why) this.#end(path, home, name, why);
    }
  }

  /** To ask takes longer than all the rest, and is of use only when much has been written since. */
  #roomIn(cluster: WatchedCluster): number {
    if (cluster.grown - cluster.askedAt < askAgainBytes) return Infinity;
    const left = roomIn(cluster.bound.servers);
    if (left > 2 * this.#floor) cluster.askedAt = cluster.grown;
    return left;
  }

  #end(cluster: string, home: string, name: string, why: string): void {
    // What does not run is ended, or being restored, when there are two copies for a moment.
    const runs = existsSync(join(home, 'data', 'postmaster.pid'));
    if (!runs || this.#ending.has(home) || whyEnded(cluster, name) !== undefined) return;
    this.#ending.add(home);
    noteWhyEnded(cluster, name, why);
    const log = join(home, 'log');
    if (existsSync(log)) {
      appendOwned(log, `pg-cluster: this server is ended: ${why}\n`, { name: '', ids: undefined });
    }
    endServers(home, Deadline.in(endMs))
      // It is gone, or still there and looked at again.
      .catch(() => {})
      .finally(() => this.#ending.delete(home));
  }
}

/** Undefined until it is known what it may take. */
function watched(path: string): WatchedCluster | undefined {
  const bound = boundOf(path);
  return (
    bound && {
      bound,
      used: fileSystemOf(bound.servers).used,
      grown: 0,
      askedAt: -Infinity,
      nodes: new Map(),
    }
  );
}

function whyToEnd(o: {
  bound: Bound;
  taken: number;
  before: number;
  left: number;
  isLow: boolean;
  isMemory: boolean;
}): string | undefined {
  if (o.taken > o.bound.bytes) {
    const origin = o.bound.isGiven ? '' : ', by default a share of what was free at the start';
    return `its data took ${megabytes(o.taken)}, and dataLimitMb allows ${megabytes(o.bound.bytes)}${origin}`;
  }
  if (o.isLow && o.taken - o.before > growingBytes) {
    const what = o.isMemory ? "the machine's memory" : 'the disk';
    return `its data grew, to ${megabytes(o.taken)}, when there were ${megabytes(o.left)} of ${what} left`;
  }
  return undefined;
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MB`;
}

/** What a directory takes, without what is thrown away already. */
function sizeOf(directory: string): number {
  let bytes = 0;
  for (const name of namesIn(directory)) {
    if (name.startsWith('discarded-')) continue;
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat) bytes += stat.isDirectory() ? sizeOf(path) : stat.blocks * 512;
  }
  return bytes;
}

/** None if it is not there, or not any more. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
