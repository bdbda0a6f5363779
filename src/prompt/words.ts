import type { Context } from 'node:vm';
import { Realm } from '../base/realm';
import type { Cluster } from '../cluster/cluster';
import { status } from '../cluster/replication/status';
import { handleOf } from '../handle/cluster-handle';
import type { PgCluster } from '../handle/pg-cluster';
import type { PgNode } from '../handle/pg-node';
import { type Shown, shown } from './shown';
import { statusTable } from './status-table';

/** The words that can be typed at a prompt: they are globals of its realm. */
export class Words {
  readonly handle: PgCluster;
  readonly #cluster: Cluster;
  readonly #context: Context;
  #names: readonly string[] = [];

  /** @param showStatus shows a table that changes, where there is a terminal for it */
  constructor(
    cluster: Cluster,
    context: Context,
    showStatus: (table: () => Promise<string>) => Promise<Shown>,
  ) {
    this.#cluster = cluster;
    this.#context = context;
    const realm = Realm.of(context);
    this.handle = handleOf(cluster, realm);
    const sql = async (...given: unknown[]) => this.#sql(given);
    define(context, 'pgCluster', () => this.handle);
    define(context, 'status', () => showStatus(() => this.statusTable()));
    Object.assign(context, realm.handle({ sql }));
    this.refresh();
  }

  /** Nodes come and go. */
  refresh(): void {
    const nodes = new Map(this.handle.nodes.map((node) => [node.name, node]));
    for (const name of this.#names) if (!nodes.has(name)) delete this.#context[name];
    for (const [name, node] of nodes) define(this.#context, name, () => node);
    this.#names = [...nodes.keys()];
  }

  async statusTable(): Promise<string> {
    return statusTable(await status(this.#cluster), this.handle);
  }

  /** Of a value that a person would rather not see as an object. */
  show(value: unknown): Shown | undefined {
    if (value === this.handle) return shown(this.handle.nodes.map(lineOf).join('\n'));
    const node = this.handle.nodes.find((one) => one === value);
    return node && shown(lineOf(node));
  }

  async #sql(given: readonly unknown[]): Promise<unknown> {
    const [first, ...rest] = given;
    const ofMaster = rest.length === 0 || Array.isArray(rest[0]);
    const [node, text, parameters] = ofMaster ? [this.handle.master, ...given] : given;
    if (typeof text !== 'string') {
      throw new TypeError(
        `sql takes a node or its name and a statement, or a statement alone for the master, not ${typeof first} and ${typeof text}: sql(pg1, 'SELECT 1')`,
      );
    }
    const target = typeof node === 'string' ? this.handle.node(node) : (node as PgNode);
    return target.query(text, parameters as unknown[] | undefined);
  }
}

function lineOf({ name, role, state, url }: PgNode): string {
  return `${name}: ${role}, ${state}, ${url}`;
}

function define(context: Context, name: string, get: () => unknown): void {
  Object.defineProperty(context, name, { get, configurable: true, enumerable: true });
}
