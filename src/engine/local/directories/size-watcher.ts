import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { Deadline } from '../../../base/deadline';
import { isGone } from '../../../base/machine/read-if-there';
import { endServer } from '../server/freeze-and-kill';
import { pidFile } from '../server/pid-file';
import { fileSystemOf, roomIn } from '../system/free-space';
import { appendOwned } from '../system/owned-files';
import { type Bound, boundOf, noteWhyEnded, whyEnded } from './data-bounds';
import { namesIn, sizeOf } from './directory-size';
import { dataRoots } from './roots';

/** A server can write 50 MB in that time. */
const intervalMs = 100;
/** How much a node takes at its birth, at most. */
const bornBytes = 64 * 1024 * 1024;
/**
 * Some disks report late what was written to them: there each node is looked at this often as well.
 */
const diskMs = 5000;
/**
 * With less than this left, or than a sixteenth of the machine's memory, servers whose data grow
 * are ended.
 */
const floorBytes = 512 * 1024 * 1024;
/** How much may be written before we ask again how much is left. */
const askAgainBytes = 32 * 1024 * 1024;
/** Data that took this much more since the last look are growing. */
const growingBytes = 4 * 1024 * 1024;
const endMs = 10_000;

interface WatchedCluster {
  readonly bound: Bound;
  /** How much of its file system is used, by everybody. */
  used: number;
  /** How much that has grown since the cluster was first seen: its nodes cannot have taken more. */
  grown: number;
  /** What `grown` was when there was last seen to be room. */
  askedAt: number;
  readonly nodes: Map<string, Look>;
}

interface Look {
  readonly taken: number;
  /** The cluster's `grown` at that time. */
  readonly grown: number;
  readonly at: number;
}

/**
 * Ends the servers of a session that take more than their bound. It works in the reaper's process:
 * tests may keep theirs busy while a statement inserts without end.
 *
 * Asking the file system takes microseconds. A node's directory, which takes milliseconds, is
 * looked at only if the file system has grown so much that the node may be over its bound.
 */
export class SizeWatcher {
  readonly #homes: readonly string[];
  readonly #floor: number;
  readonly #clusters = new Map<string, WatchedCluster>();
  readonly #ending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param floor the number of bytes left on the machine below which servers whose data grow are
   * ended
   */
  constructor(sessionId: string, floor = Math.min(floorBytes, totalmem() / 16)) {
    this.#floor = floor;
    this.#homes = dataRoots().map((root) => join(root, sessionId));
  }

  /** It keeps no process alive. */
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
        // The cluster is being removed.
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
      const server = serverIn(home);
      const taken = sizeOf(home);
      cluster.nodes.set(name, { taken, grown: cluster.grown, at: now });
      const why = whyToEnd({ bound, taken, before: before.taken, left, isLow, isMemory });
      // To look takes time: what was seen may be the data of a server that has ended meanwhile. What
      // does not run is ended, or being restored, when there are two copies for a moment.
      const isSame = server !== undefined && serverIn(home) === server;
      if (why && isSame) this.#end({ cluster: path, home, name, server }, why);
    }
  }

  /** Asking takes longer than all the rest, and only helps when much has been written since. */
  #roomIn(cluster: WatchedCluster): number {
    if (cluster.grown - cluster.askedAt < askAgainBytes) return Infinity;
    const left = roomIn(cluster.bound.servers);
    if (left > 2 * this.#floor) cluster.askedAt = cluster.grown;
    return left;
  }

  #end(
    {
      cluster,
      home,
      name,
      server,
    }: { cluster: string; home: string; name: string; server: string },
    why: string,
  ): void {
    if (this.#ending.has(home) || whyEnded(cluster, name) !== undefined) return;
    this.#ending.add(home);
    noteWhyEnded(cluster, name, why);
    const log = join(home, 'log');
    if (existsSync(log)) {
      appendOwned(log, `pg-cluster: this server is ended: ${why}\n`, { name: '', ids: undefined });
    }
    endServer(Number.parseInt(server, 10), Deadline.in(endMs))
      // Either it is gone, or the next look sees it again.
      .catch(() => {})
      .finally(() => this.#ending.delete(home));
  }
}

/** What tells the server that runs there from others: its process and start; undefined if none does. */
function serverIn(home: string): string | undefined {
  const lines = pidFile(join(home, 'data'));
  return lines.length > 0 ? lines.slice(0, 3).join(' ') : undefined;
}

/** Undefined until its bound is known. */
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
    return `its data grew to ${megabytes(o.taken)}, when only ${megabytes(o.left)} of ${what} were left`;
  }
  return undefined;
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MB`;
}
