import { Client } from 'pg';
import '../../src/matchers';
import { codeOf } from '../../src/errors';
import type { PgCluster } from '../../src/handle';
import type { PgNode } from '../../src/node-handle';
import { figure } from '../engine/figures';
import { newPick, type Pick, seed, walkOn } from './random';
import { engine, rows } from './with-cluster';

/** The long form, by `npm run test:soak`, has 1,000. */
const acts = Number(process.env.PG_CLUSTER_FAILOVER_ACTS ?? (engine === 'local' ? 80 : 20));
const hangsMs = 700;

/** Of a write that was acknowledged: who may have confirmed it, and how many of them had to. */
interface Confirmed {
  readonly by: readonly string[];
  readonly count: number;
}

/** What an act may end with that the state of the cluster does not allow. */
const refusals = [
  'ERR_PG_CLUSTER_STATE',
  'ERR_PG_CLUSTER_TIMEOUT',
  'ERR_PG_CLUSTER_START',
  '53300',
  '57P01',
  '57P03',
];

/** Writes, one after the other, and failovers, one after the other; the model knows what must be there. */
class Sequence {
  readonly #confirmed = new Map<number, Confirmed>();
  /** They may be there or not: nobody has acknowledged them. */
  readonly #unknown = new Set<number>();
  readonly #cut = new Set<string>();
  #next = 1;

  constructor(
    readonly pgCluster: PgCluster,
    readonly pick: Pick,
  ) {}

  async write(): Promise<void> {
    const { masterUrl, master } = this.pgCluster;
    const [names] = await master
      .query<{ names: string }>(`SELECT current_setting('synchronous_standby_names') AS names`)
      .catch(() => []);
    if (!names) return;
    const [, count = '0', by = ''] = /ANY (\d+) \((.*)\)/.exec(names.names) ?? [];
    const client = new Client({ connectionString: masterUrl, query_timeout: hangsMs });
    client.on('error', () => {});
    try {
      await client.connect();
      for (let times = 0; times < 5; times += 1) {
        const n = this.#next;
        this.#next += 1;
        this.#unknown.add(n);
        await client.query('INSERT INTO writes VALUES ($1)', [n]);
        this.#unknown.delete(n);
        this.#confirmed.set(n, { by: by.split(', '), count: Number(count) });
        figure('confirmed writes of failover sequences');
      }
    } catch {
      // It hangs, is read-only, or nobody is there.
    } finally {
      // A polite end would wait for who hangs.
      (
        client as unknown as { connection: { stream: { destroy(): void } } }
      ).connection.stream.destroy();
    }
  }

  async failover(): Promise<void> {
    const candidates = await this.#candidates();
    await this.pgCluster.failover();
    await this.#lookForLosses((write) => {
      const reachable = write.by.filter((name) => candidates.includes(name)).length;
      // So many have it at least that one of those that were there must.
      return reachable > write.by.length - write.count;
    });
    figure('failovers of sequences');
  }

  /** To whoever the test says, which loses what that one lacks, rightly. */
  async failoverTo(): Promise<void> {
    await this.pgCluster.failover({ to: this.pick(this.pgCluster.slaves).name });
    await this.#lookForLosses(() => false);
    figure('failovers of sequences');
  }

  async switchover(): Promise<void> {
    await this.pgCluster.switchover();
    await this.#lookForLosses(() => true);
  }

  async addSlave(): Promise<void> {
    if (this.pgCluster.nodes.length > 5) return;
    await this.pgCluster.addSlave({
      synchronous: this.pick([true, false]),
      slot: this.pick([true, false]),
    });
  }

  async removeSlave(): Promise<void> {
    if (this.pgCluster.nodes.length < 4) return;
    await this.pgCluster.removeSlave(this.pick(this.pgCluster.slaves));
  }

  async cut(node: PgNode): Promise<void> {
    await node.disconnect({ from: 'cluster' });
    this.#cut.add(node.name);
  }

  async heal(): Promise<void> {
    await this.pgCluster.heal();
    this.#cut.clear();
    expect(await this.pgCluster.status()).toBeStreaming();
    await this.pgCluster.waitForCatchup();
    const [first, ...others] = await Promise.all(
      this.pgCluster.nodes.map(({ url }) => writesAt(url)),
    );
    for (const other of others) expect(other).toEqual(first);
    const there = new Set(first);
    expect([...this.#confirmed.keys()].filter((n) => !there.has(n))).toEqual([]);
    expect([...there].filter((n) => !this.#confirmed.has(n) && !this.#unknown.has(n))).toEqual([]);
  }

  /** The slaves that a failover may choose from. */
  async #candidates(): Promise<string[]> {
    const asked = await Promise.all(
      this.pgCluster.slaves.map(async (node) => {
        if (this.#cut.has(node.name)) return undefined;
        const [row] = await node
          .query<{ isSlave: boolean }>('SELECT pg_is_in_recovery() AS "isSlave"')
          .catch(() => []);
        return row?.isSlave ? node.name : undefined;
      }),
    );
    return asked.filter((name) => name !== undefined);
  }

  /** A write that is gone must not be one that had to survive; from now on it need not be there. */
  async #lookForLosses(mustBeThere: (write: Confirmed) => boolean): Promise<void> {
    const there = new Set(await writesAt(this.pgCluster.masterUrl));
    const lost = [...this.#confirmed].filter(([n]) => !there.has(n));
    expect(lost.filter(([, write]) => mustBeThere(write))).toEqual([]);
    for (const [n] of lost) this.#confirmed.delete(n);
    if (lost.length > 0) figure('confirmed writes whose loss was foreseen', lost.length);
  }
}

async function writesAt(url: string): Promise<number[]> {
  const found = await rows(url, 'SELECT n FROM writes ORDER BY n');
  return found.map(({ n }) => Number(n));
}

type Act = (walk: Sequence, node: PgNode) => Promise<unknown>;

const walk: [name: string, act: Act][] = [
  ['write', (on) => on.write()],
  ['write', (on) => on.write()],
  ['write', (on) => on.write()],
  ['kill', (_, node) => node.kill()],
  ['stop', (_, node) => node.stop('immediate')],
  ['pause', (_, node) => node.pause()],
  ['unpause', (_, node) => node.unpause()],
  ['start', (_, node) => node.start()],
  ['kill master', (on) => on.pgCluster.killMaster()],
  ['kill master and fail over', (on) => on.pgCluster.killMaster().then(() => on.failover())],
  ['failover', (on) => on.failover()],
  ['failover to one', (on) => on.failoverTo()],
  ['switchover', (on) => on.switchover()],
  ['rejoin', (on, node) => on.pgCluster.rejoin(node)],
  ['read-only', (on) => on.pgCluster.master.readOnly()],
  ['writable', (on) => on.pgCluster.master.readOnly(false)],
  ['pause replay', (_, node) => node.pauseReplay()],
  ['delay replay', (_, node) => node.delayReplay(100)],
  ['resume replay', (_, node) => node.resumeReplay()],
  ['cut', (on, node) => on.cut(node)],
  ['add slave', (on) => on.addSlave()],
  ['remove slave', (on) => on.removeSlave()],
];
const actsPerHeal = 8;

test(
  `${acts} acts with failovers after failovers; PG_CLUSTER_SEED=${seed} replays them`,
  async () => {
    const slaves = [{ synchronous: true }, { synchronous: true }, { synchronous: false }];
    await walkOn({ slaves }, async (pgCluster) => {
      const pick = newPick();
      const on = new Sequence(pgCluster, pick);
      await rows(pgCluster.masterUrl, 'CREATE TABLE writes (n int)');
      await pgCluster.waitForCatchup();
      for (let count = 1; count <= acts; count += 1) {
        const [name, act] = pick(walk);
        const node = pick(pgCluster.nodes);
        await act(on, node).catch((error: unknown) => {
          if (refusals.includes(codeOf(error) ?? '')) return;
          throw new Error(`act ${count}, ${name} on ${node.name}: ${String(error)}`, {
            cause: error,
          });
        });
        if (count % actsPerHeal === 0 || count === acts) await on.heal();
      }
      figure('acts with failovers after failovers', acts);
    });
  },
  20 * 60_000,
);
