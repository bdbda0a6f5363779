import '../../src/jest/matchers/matchers';
import { codeOf } from '../../src/base/errors';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { figure } from '../engine/figures';
import { engine } from '../support/engine';
import { rows } from '../support/rows';
import { newPick, type Pick, seed, walkOn } from './random';

/** The long form, by `npm run test:soak`, has 500. */
const acts = Number(process.env.PG_CLUSTER_MOMENT_ACTS ?? (engine === 'local' ? 60 : 15));

/** What a cluster has to be like. */
interface Model {
  readonly written: number;
  readonly master: string;
  readonly names: readonly string[];
}

/** What an act may end with while faults are on. */
function refusedByFaults(error: unknown): void {
  if (!['ERR_PG_CLUSTER_STATE', 'ERR_PG_CLUSTER_TIMEOUT'].includes(String(codeOf(error))))
    throw error;
}

/** A cluster that changes its shape and data, and is restored, with faults on or not. */
class Walk {
  #model: Model;
  readonly #born: Model;
  readonly #snapshots = new Map<string, Model>();

  constructor(
    readonly pgCluster: PgCluster,
    readonly pick: Pick,
  ) {
    this.#born = { written: 0, master: 'pg0', names: pgCluster.nodes.map(({ name }) => name) };
    this.#model = this.#born;
  }

  async write(): Promise<void> {
    await this.heal();
    const { master } = this.pgCluster;
    await master.query('CREATE TABLE IF NOT EXISTS steps (n int)');
    await master.query('INSERT INTO steps VALUES (1)');
    await this.pgCluster.waitForCatchup();
    this.#model = { ...this.#model, written: this.#model.written + 1 };
  }

  async addSlave(): Promise<void> {
    if (this.#model.names.length > 3) return;
    await this.heal();
    const upstream = this.pick(this.pgCluster.nodes).name;
    await this.pgCluster.addSlave({ slot: this.pick([true, false]), upstream });
    this.#changed();
  }

  /** In whatever state it is. */
  async removeSlave(): Promise<void> {
    if (this.#model.names.length < 2) return;
    try {
      await this.pgCluster.removeSlave(this.pick(this.pgCluster.slaves));
    } catch (error) {
      // A paused master cannot be told, say.
      refusedByFaults(error);
    }
    this.#changed();
  }

  async switchover(): Promise<void> {
    if (this.#model.names.length < 2) return;
    await this.heal();
    try {
      await this.pgCluster.switchover({ to: this.pick(this.pgCluster.slaves) });
    } catch (error) {
      if (!/it streams from pg\d+, not from pg\d+ \(master\)/.test(String(error))) throw error;
    }
    this.#changed();
  }

  async failover(): Promise<void> {
    if (this.#model.names.length < 2) return;
    await this.heal();
    await this.pgCluster.killMaster();
    await this.pgCluster.failover();
    this.#changed();
  }

  async fault(): Promise<void> {
    const node = this.pick(this.pgCluster.nodes);
    try {
      await node[
        this.pick(['pause', 'kill', 'stop', 'disconnect', 'exhaustConnections'] as const)
      ]();
    } catch (error) {
      // It is stopped already, or a paused slave keeps it from stopping.
      refusedByFaults(error);
    }
  }

  async snapshot(): Promise<void> {
    await this.heal();
    const name = this.pick(['a', 'b']);
    await this.pgCluster.snapshot(name);
    this.#snapshots.set(name, this.#model);
  }

  async restore(): Promise<void> {
    if (this.#snapshots.size === 0) return;
    const [name, model] = this.pick([...this.#snapshots]);
    await this.pgCluster.restore(name);
    this.#model = model;
    await this.check();
  }

  async reset(): Promise<void> {
    await this.pgCluster.reset();
    this.#model = this.#born;
    await this.check();
  }

  async heal(): Promise<void> {
    await this.pgCluster.heal();
    await this.check();
  }

  async check(): Promise<void> {
    const { pgCluster } = this;
    expect(await pgCluster.status()).toBeStreaming();
    await pgCluster.waitForCatchup();
    const written = async (url: string) => {
      const [there] = await rows(url, `SELECT to_regclass('steps') IS NOT NULL AS is_made`);
      if (!there?.is_made) return 0;
      return (await rows(url, 'SELECT count(*)::int AS n FROM steps'))[0]?.n;
    };
    for (const { url } of pgCluster.nodes) expect(await written(url)).toBe(this.#model.written);
    expect(this.#seen()).toEqual({ master: this.#model.master, names: this.#model.names });
  }

  #seen(): Omit<Model, 'written'> {
    const { master, nodes } = this.pgCluster;
    return { master: master.name, names: nodes.map(({ name }) => name) };
  }

  #changed(): void {
    this.#model = { ...this.#model, ...this.#seen() };
  }
}

const walk: readonly (keyof Omit<Walk, 'pgCluster' | 'pick' | 'check'>)[] = [
  'write',
  'addSlave',
  'removeSlave',
  'switchover',
  'failover',
  'fault',
  'fault',
  'snapshot',
  'restore',
  'restore',
  'reset',
  'heal',
];

test(
  `${acts} acts there and back; PG_CLUSTER_SEED=${seed} replays them`,
  async () => {
    const pick = newPick();
    await walkOn({ slaves: 2 }, async (pgCluster) => {
      const there = new Walk(pgCluster, pick);
      for (let count = 1; count <= acts; count += 1) {
        const act = pick(walk);
        await there[act]().catch((error: unknown) => {
          throw new Error(`act ${count}, ${act}: ${String(error)}`, { cause: error });
        });
      }
      await there.heal();
      figure('acts there and back', acts);
    });
  },
  20 * 60_000,
);
