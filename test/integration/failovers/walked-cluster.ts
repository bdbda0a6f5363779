import '../../../src/jest/matchers/matchers';
import { codeOf } from '../../../src/base/errors';
import type { Cluster } from '../../../src/cluster/cluster';
import type { PgCluster } from '../../../src/handle/pg-cluster';
import type { Pick } from '../random';
import { confirmers, insert, outOfTime, shown, writeFailures } from './client-writes';
import { ConfirmedWrites } from './confirmed-writes';

/** How long a write may take while faults are on; then it is one that nobody knows of. */
const writeMs = 400;
/** How long one may take in a cluster that is whole. */
const wholeMs = 10_000;

/** What an act may end with, since the state of the cluster does not allow it. */
const refusals = /^(ERR_PG_CLUSTER_(STATE|TIMEOUT)|53300|57P0\d)$/;

/** Two slaves have to confirm each commit; the third, and some that are added, are not asked. */
export const slaves = [{ synchronous: true }, { synchronous: true }, { synchronous: false }];

/** A cluster whose master is replaced again and again, and what it has to keep. */
export class WalkedCluster {
  readonly writes = new ConfirmedWrites();
  /** Who may be asked to confirm; the born master may, too, once it is a slave. */
  readonly marked = new Set(['pg0', 'pg1', 'pg2']);
  /** Who is a slave for certain: a former master is not, until it has rejoined. */
  readonly slaves = new Set(['pg1', 'pg2', 'pg3']);
  /** Who is cut off. */
  readonly cut = new Set<string>();
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

  /** Then all have the same, and that is what has to be there; and commits do not hang. */
  async heal(): Promise<void> {
    const { pgCluster } = this;
    const { master } = pgCluster;
    await pgCluster.heal();
    expect(pgCluster.master).toBe(master);
    this.cut.clear();
    for (const { name } of pgCluster.slaves) this.slaves.add(name);
    expect(await pgCluster.status()).toBeStreaming();
    if (!(await this.#writeOne(wholeMs))) throw new Error('a healed cluster takes no writes');
    await pgCluster.waitForCatchup();
    const onMaster = await shown(master);
    expect(this.writes.problems(onMaster, this.writes.all)).toEqual([]);
    for (const slave of pgCluster.slaves) {
      expect([slave.name, [...(await shown(slave))]]).toEqual([slave.name, [...onMaster]]);
    }
    this.writes.seenOn(pgCluster.nodes.map(({ name }) => name));
  }

  /** Does what may change the master, who must then have all of `kept`. */
  async replaceMaster(kept: ReadonlySet<number>, act: () => Promise<void>): Promise<void> {
    const { master: former } = this.pgCluster;
    let failure: { readonly error: unknown } | undefined;
    await act().catch((error: unknown) => {
      failure = { error };
    });
    const { master } = this.pgCluster;
    if (master !== former) {
      const found = await shown(master);
      const problems = this.writes.problems(found, kept);
      if (problems.length > 0) {
        throw new Error(`${former.name} → ${master.name}: ${problems.join('; ')}`);
      }
      this.counts.foreseen += this.writes.forgetAllBut(found);
      this.counts.failovers += 1;
      this.slaves.delete(master.name);
    }
    if (failure) throw failure.error;
  }

  /** The slaves that a failover can choose from. */
  async reachable(): Promise<string[]> {
    const { nodes } = await this.pgCluster.status();
    return nodes
      .filter(({ role, answers, replayedLsn }) => role === 'slave' && answers && replayedLsn)
      .map(({ name }) => name)
      .filter((name) => !this.cut.has(name));
  }

  /** The writes that must be there still when one of these slaves has taken over. */
  async keptBy(reachable: readonly string[]): Promise<ReadonlySet<number>> {
    const all = await Promise.all(reachable.map((name) => shown(this.pgCluster.node(name))));
    return this.writes.keptBy(reachable, new Set(all.flatMap((writes) => [...writes])));
  }

  async unlessRefused(act: () => Promise<unknown>): Promise<void> {
    await act().catch((error: unknown) => this.refused(error));
  }

  /** Counts a refusal. @throws every other error */
  refused(error: unknown): void {
    if (!refusals.test(String(codeOf(error)))) throw error;
    this.counts.refused += 1;
  }

  /** Resolves to whether it was acknowledged. */
  async #writeOne(timeoutMs: number): Promise<boolean> {
    const write = this.writes.begin();
    let names: string;
    try {
      names = await insert(this.pgCluster.masterUrl, write, timeoutMs);
    } catch (error) {
      if (error !== outOfTime && !writeFailures.test(String(codeOf(error)))) throw error;
      return false;
    }
    const by = confirmers(names);
    this.#requireAsPromised(by.names, by.atLeast);
    this.writes.acknowledged(write, by);
    this.counts.acknowledged += 1;
    return true;
  }

  /** Were fewer asked than README says, a loss would be explained that must not be. */
  #requireAsPromised(names: readonly string[], atLeast: number): void {
    const wanted = [...this.slaves].filter((name) => this.marked.has(name));
    const missing = wanted.filter((name) => !names.includes(name));
    if (missing.length === 0 && atLeast >= Math.min(2, wanted.length)) return;
    throw new Error(
      `a commit was confirmed by ${atLeast} of (${names.join(', ')}), and should have been by ${Math.min(2, wanted.length)} of (${wanted.join(', ')})`,
    );
  }
}
