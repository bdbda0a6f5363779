import '../../src/jest/matchers/matchers';
import { Client } from 'pg';
import { codeOf } from '../../src/base/errors';
import type { Cluster } from '../../src/cluster/cluster';
import { addSlave } from '../../src/cluster/lifecycle/membership';
import type { PgCluster } from '../../src/handle/pg-cluster';
import type { PgNode } from '../../src/handle/pg-node';
import { figure } from '../engine/figures';
import { engine } from '../support/engine';
import { rows } from '../support/rows';
import { ConfirmedWrites } from './confirmed-writes';
import { newPick, type Pick, seed, walkOn } from './random';

/** A thousand in one run of the suite, on both engines together. */
const acts = Number(process.env.PG_CLUSTER_FAILOVER_ACTS ?? (engine === 'local' ? 980 : 20));

/** How long a write may take while faults are on; then it is one that nobody knows of. */
const writeMs = 400;
/** How long one may take in a cluster that is whole. */
const wholeMs = 10_000;
/** How long a newcomer may take; with faults on it may never come to stream. */
const addMs = 4000;
const mostNodes = 6;

/** What an act may end with, since the state of the cluster does not allow it. */
const refusals = /^(ERR_PG_CLUSTER_(STATE|TIMEOUT)|53300|57P0\d)$/;
/** And what a write may end with: it is read-only, or nobody is there. */
const writeFailures = /^(57P0\d|53300|25006|ECONNREFUSED|ECONNRESET|EPIPE|ERR_WRITE_\w+)$/;

/** Two slaves have to confirm each commit; the third, and some that are added, are not asked. */
const marks = [true, true, false];

/** A cluster whose master is replaced again and again, and what it has to keep. */
class Walk {
  readonly #writes = new ConfirmedWrites();
  /** Who may be asked to confirm; the born master may, too, once it is a slave. */
  readonly #marked = new Set(['pg0', 'pg1', 'pg2']);
  /** Who is a slave for certain: a former master is not, until it has rejoined. */
  readonly #slaves = new Set(['pg1', 'pg2', 'pg3']);
  readonly #cut = new Set<string>();
  readonly counts = { acknowledged: 0, failovers: 0, foreseen: 0, refused: 0 };

  constructor(
    readonly pgCluster: PgCluster,
    readonly cluster: Cluster,
    readonly pick: Pick,
  ) {}

  async write(): Promise<void> {
    for (let left = this.pick([1, 2, 5]); left > 0; left -= 1) {
      if (!(await this.#writeOne(writeMs))) return;
    }
  }

  kill(): Promise<void> {
    return this.#end(this.pick(this.pgCluster.nodes), 'kill');
  }

  stop(): Promise<void> {
    return this.#end(this.pick(this.pgCluster.nodes), 'stop');
  }

  killMaster(): Promise<void> {
    return this.#end(this.pgCluster.master, 'kill');
  }

  pause(): Promise<void> {
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).pause());
  }

  unpause(): Promise<void> {
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).unpause());
  }

  start(): Promise<void> {
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).start());
  }

  async disconnect(): Promise<void> {
    const node = this.pick(this.pgCluster.nodes);
    await this.#unlessRefused(async () => {
      await node.disconnect({ from: this.pick(['cluster', 'all'] as const) });
      this.#cut.add(node.name);
    });
  }

  async reconnect(): Promise<void> {
    for (const name of [...this.#cut]) {
      await this.#unlessRefused(() => this.pgCluster.node(name).reconnect());
      this.#cut.delete(name);
    }
  }

  pauseReplay(): Promise<void> {
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).pauseReplay());
  }

  delayReplay(): Promise<void> {
    const ms = this.pick([0, 50, 2000]);
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).delayReplay(ms));
  }

  resumeReplay(): Promise<void> {
    return this.#unlessRefused(() => this.pick(this.pgCluster.nodes).resumeReplay());
  }

  readOnly(): Promise<void> {
    const on = this.pick([true, false]);
    return this.#unlessRefused(() => this.pgCluster.master.readOnly(on));
  }

  /** By default: it must not be refused while the master is gone and a slave can be reached. */
  async failover(): Promise<void> {
    const reachable = await this.#reachable();
    const kept = this.#writes.keptBy(reachable, await this.#shownBy(reachable));
    const must = this.pgCluster.master.state === 'stopped' && reachable.length > 0;
    await this.#replaceMaster(kept, async () => {
      await (must
        ? this.pgCluster.failover()
        : this.#unlessRefused(() => this.pgCluster.failover()));
    });
  }

  /** A second master goes before anybody has rejoined, and a third. */
  async failovers(): Promise<void> {
    for (let left = this.pick([2, 3]); left > 0; left -= 1) {
      await this.write();
      await this.killMaster();
      await this.failover();
    }
    await this.write();
  }

  /** To one that may lack what the others have. */
  failoverTo(): Promise<void> {
    return this.#failoverTo(this.pick(this.pgCluster.slaves));
  }

  async #failoverTo(to: PgNode): Promise<void> {
    const reachable = (await this.#reachable()).filter((name) => name === to.name);
    const kept = this.#writes.keptBy(reachable, await this.#shownBy(reachable));
    await this.#replaceMaster(kept, () =>
      this.#unlessRefused(() => this.pgCluster.failover({ to })),
    );
  }

  /** What that one lacks is lost, as can be told before. */
  async failoverToOneBehind(): Promise<void> {
    const behind = await this.#leaveBehind();
    await this.#failoverTo(behind);
  }

  /** It can be reached, too, and must not be taken. */
  async failoverPastOneBehind(): Promise<void> {
    await this.#leaveBehind();
    await this.failover();
  }

  /** The master is gone, and a slave is there again that was away while others confirmed writes. */
  async #leaveBehind(): Promise<PgNode> {
    await this.heal();
    const { slaves } = this.pgCluster;
    const notAsked = slaves.filter(({ name }) => !this.#marked.has(name));
    const behind = this.pick(notAsked.length > 0 ? notAsked : slaves);
    await this.#end(behind, 'kill');
    await this.write();
    await this.killMaster();
    await this.#unlessRefused(() => behind.start());
    return behind;
  }

  async switchover(): Promise<void> {
    const { pgCluster } = this;
    const former = pgCluster.master.name;
    const streamed = (await pgCluster.status()).nodes.filter(({ streaming }) => streaming);
    const to = this.pick([undefined, ...pgCluster.slaves]);
    await this.#replaceMaster(this.#writes.all, () =>
      this.#unlessRefused(async () => {
        const master = await pgCluster.switchover(to && { to });
        this.#slaves.add(former);
        const { nodes } = await pgCluster.status();
        const lost = streamed.filter(
          ({ name }) =>
            name !== master.name &&
            !nodes.some((node) => node.name === name && (node.streaming || !node.answers)),
        );
        expect(lost.map(({ name }) => `${name} does not stream after the switchover`)).toEqual([]);
      }),
    );
  }

  /** While a node that is concerned is cut off it would only wait. */
  async rejoin(): Promise<void> {
    await this.reconnect();
    const node = this.pick(this.pgCluster.nodes);
    await this.#unlessRefused(async () => {
      await this.pgCluster.rejoin(node);
      this.#slaves.add(node.name);
    });
  }

  async addSlave(): Promise<void> {
    if (this.pgCluster.nodes.length === mostNodes) return;
    const synchronous = this.pick([true, false]);
    try {
      const { name } = await addSlave(this.cluster, { synchronous }, addMs);
      this.#slaves.add(name);
      if (synchronous) this.#marked.add(name);
    } catch (error) {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_START') this.#refused(error);
    }
  }

  async removeSlave(): Promise<void> {
    if (this.pgCluster.nodes.length < 4) return;
    const node = this.pick(this.pgCluster.slaves);
    await this.#unlessRefused(() => this.pgCluster.removeSlave(node));
    if (this.pgCluster.nodes.includes(node)) return;
    this.#slaves.delete(node.name);
    this.#cut.delete(node.name);
  }

  /** Then all have the same, and that is what has to be there; and commits do not hang. */
  async heal(): Promise<void> {
    const { pgCluster } = this;
    const { master } = pgCluster;
    await pgCluster.heal();
    expect(pgCluster.master).toBe(master);
    this.#cut.clear();
    for (const { name } of pgCluster.slaves) this.#slaves.add(name);
    expect(await pgCluster.status()).toBeStreaming();
    if (!(await this.#writeOne(wholeMs))) throw new Error('a healed cluster takes no writes');
    await pgCluster.waitForCatchup();
    const onMaster = await shown(master);
    expect(this.#writes.problems(onMaster, this.#writes.all)).toEqual([]);
    for (const slave of pgCluster.slaves) {
      expect([slave.name, [...(await shown(slave))]]).toEqual([slave.name, [...onMaster]]);
    }
    this.#writes.seenOn(pgCluster.nodes.map(({ name }) => name));
  }

  /** Resolves to whether it was acknowledged. */
  async #writeOne(timeoutMs: number): Promise<boolean> {
    const write = this.#writes.begin();
    let names: string;
    try {
      names = await insert(this.pgCluster.masterUrl, write, timeoutMs);
    } catch (error) {
      if (error !== outOfTime && !writeFailures.test(String(codeOf(error)))) throw error;
      return false;
    }
    const by = confirmers(names);
    this.#requireAsPromised(by.names, by.atLeast);
    this.#writes.acknowledged(write, by);
    this.counts.acknowledged += 1;
    return true;
  }

  /** Were fewer asked than README says, a loss would be explained that must not be. */
  #requireAsPromised(names: readonly string[], atLeast: number): void {
    const wanted = [...this.#slaves].filter((name) => this.#marked.has(name));
    const missing = wanted.filter((name) => !names.includes(name));
    if (missing.length === 0 && atLeast >= Math.min(2, wanted.length)) return;
    throw new Error(
      `a commit was confirmed by ${atLeast} of (${names.join(', ')}), and should have been by ${Math.min(2, wanted.length)} of (${wanted.join(', ')})`,
    );
  }

  async #end(node: PgNode, how: 'kill' | 'stop'): Promise<void> {
    await this.#unlessRefused(async () => {
      // A master waits for slaves that do not answer before it ends in good order.
      const { nodes } = await this.pgCluster.status();
      const isQuick = this.#cut.size > 0 || nodes.some(({ state }) => state === 'paused');
      await (how === 'kill' ? node.kill() : node.stop(isQuick ? 'immediate' : 'fast'));
      this.#cut.delete(node.name);
    });
  }

  /** Does what may change the master, who must then have all of `kept`. */
  async #replaceMaster(kept: ReadonlySet<number>, act: () => Promise<void>): Promise<void> {
    const { master: former } = this.pgCluster;
    let failure: { readonly error: unknown } | undefined;
    await act().catch((error: unknown) => {
      failure = { error };
    });
    const { master } = this.pgCluster;
    if (master !== former) {
      const found = await shown(master);
      const problems = this.#writes.problems(found, kept);
      if (problems.length > 0) {
        throw new Error(`${former.name} → ${master.name}: ${problems.join('; ')}`);
      }
      this.counts.foreseen += this.#writes.forgetAllBut(found);
      this.counts.failovers += 1;
      this.#slaves.delete(master.name);
    }
    if (failure) throw failure.error;
  }

  /** The slaves that a failover can choose from. */
  async #reachable(): Promise<string[]> {
    const { nodes } = await this.pgCluster.status();
    return nodes
      .filter(({ role, answers, replayedLsn }) => role === 'slave' && answers && replayedLsn)
      .map(({ name }) => name)
      .filter((name) => !this.#cut.has(name));
  }

  async #shownBy(names: readonly string[]): Promise<ReadonlySet<number>> {
    const all = await Promise.all(names.map((name) => shown(this.pgCluster.node(name))));
    return new Set(all.flatMap((writes) => [...writes]));
  }

  async #unlessRefused(act: () => Promise<unknown>): Promise<void> {
    await act().catch((error: unknown) => this.#refused(error));
  }

  #refused(error: unknown): void {
    if (!refusals.test(String(codeOf(error)))) throw error;
    this.counts.refused += 1;
  }
}

type Act = Exclude<keyof Walk, 'pgCluster' | 'cluster' | 'pick' | 'counts'>;

/** How often each comes, in proportion. */
const weights: Readonly<Record<Act, number>> = {
  write: 8,
  kill: 1,
  stop: 1,
  killMaster: 2,
  pause: 1,
  unpause: 1,
  start: 2,
  disconnect: 1,
  reconnect: 1,
  pauseReplay: 1,
  delayReplay: 1,
  resumeReplay: 1,
  readOnly: 1,
  failover: 4,
  failovers: 2,
  failoverTo: 2,
  failoverToOneBehind: 1,
  failoverPastOneBehind: 2,
  switchover: 3,
  rejoin: 3,
  addSlave: 2,
  removeSlave: 1,
  heal: 4,
};

const walk = Object.entries(weights).flatMap(([act, weight]) =>
  Array.from({ length: weight }, () => act as Act),
);

const outOfTime = new Error('no answer in time');

/** Writes as a client does; resolves to the synchronous names under which that was acknowledged. */
async function insert(url: string, write: number, timeoutMs: number): Promise<string> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  let timer: NodeJS.Timeout | undefined;
  try {
    const [row] = await Promise.race([
      (async () => {
        await client.connect();
        await client.query('INSERT INTO writes VALUES ($1)', [write]);
        const shownNames = await client.query('SHOW synchronous_standby_names');
        return shownNames.rows as { synchronous_standby_names: string }[];
      })(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(outOfTime), timeoutMs);
      }),
    ]);
    return row?.synchronous_standby_names ?? '';
  } finally {
    clearTimeout(timer);
    // A server that hangs would not answer a goodbye.
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
  }
}

/** Of `ANY 2 (pg1, pg2)`; of nothing, nobody. */
function confirmers(setting: string): { names: readonly string[]; atLeast: number } {
  const [, atLeast, names] = /^ANY (\d+) \((.+)\)$/.exec(setting) ?? [];
  return { names: names?.split(', ') ?? [], atLeast: Number(atLeast ?? 0) };
}

/** The writes that a node shows. */
async function shown(node: PgNode): Promise<ReadonlySet<number>> {
  const found = await node.query<{ n: number }>('SELECT n FROM writes ORDER BY n');
  return new Set(found.map(({ n }) => n));
}

test(
  `${acts} acts with failovers after failovers; PG_CLUSTER_SEED=${seed} replays them`,
  async () => {
    process.stderr.write(`failovers: PG_CLUSTER_SEED=${seed} PG_CLUSTER_FAILOVER_ACTS=${acts}\n`);
    const pick = newPick();
    const slaves = marks.map((synchronous) => ({ synchronous }));
    await walkOn({ slaves }, async (pgCluster, cluster) => {
      const there = new Walk(pgCluster, cluster, pick);
      await rows(pgCluster.masterUrl, 'CREATE TABLE writes (n int PRIMARY KEY)');
      await pgCluster.waitForCatchup();
      for (let count = 1; count <= acts; count += 1) {
        const act = pick(walk);
        await there[act]().catch((error: unknown) => {
          throw new Error(`act ${count}, ${act}: ${String(error)}`, { cause: error });
        });
      }
      await there.heal();
      const { acknowledged, failovers, foreseen, refused } = there.counts;
      process.stderr.write(`failovers: ${JSON.stringify(there.counts)}\n`);
      expect(failovers).toBeGreaterThan(0);
      figure('acts of walks with failovers after failovers', acts);
      figure('acts of those that the state of the cluster refused', refused);
      figure('changes of the master in those', failovers);
      figure('writes acknowledged in those, none of them lost unforeseen', acknowledged);
      figure('writes lost in those, as was foreseen: too few had confirmed them', foreseen);
    });
  },
  30 * 60_000,
);
