import { join } from 'node:path';
import { newId } from '../../base/new-id';
import type { Cluster } from '../../cluster/cluster';
import type { ClusterWatcher, Loss } from '../../cluster/cluster-watcher';
import type { EndOfFault, Fault } from '../../cluster/fault-book';
import type { ClusterEvent } from '../../cluster/timeline';
import type { Recording } from '../reading/recording';
import {
  type Begin,
  type Happening,
  type Moment,
  recordingExtension,
  recordingVersion,
} from '../records';
import { ActsUnderWay } from './acts';
import { RecordingClock } from './clock';
import { LagRecords } from './lag-records';
import { LedgerRecords } from './ledger-records';
import { NodeRecords } from './node-records';
import type { RecordingOrder } from './order';
import { RecentRecords } from './recent-records';
import type { RecordOutput } from './record-output';
import { RecordingFile } from './recording-file';
import { withoutSecrets } from './secrets';
import { logRecords } from './server-logs';
import { StatementRecords } from './statement-records';
import { keptOf } from './verb';

/** How often it looks at what tells nothing by itself. */
const lookEveryMs = 250;

/**
 * A file that is over sooner, and does nothing to its cluster, has no lag that is worth a connection: to
 * open one is most of what a recording costs.
 */
const quietMs = 1000;

/** What a recording's header says of the test file. */
export type About = Pick<Begin, 'file' | 'project' | 'worker' | 'shard'>;

/**
 * Writes down what happens to a cluster while one test file runs. What has to be asked for (lag,
 * statements, logs) is written only if somebody ordered a file.
 */
export class Recorder implements ClusterWatcher {
  readonly #cluster: Cluster;
  readonly #clock = new RecordingClock();
  readonly #recent = new RecentRecords();
  readonly #outputs: readonly RecordOutput[];
  readonly #withSql: boolean;
  readonly #acts = new ActsUnderWay();
  readonly #nodes: NodeRecords;
  readonly #ledgers = new LedgerRecords((happening) => this.write(happening));
  readonly #lag: LagRecords;
  readonly #statements: StatementRecords;
  /** Whether it asks for what tells nothing by itself. */
  readonly #asks: boolean;
  readonly #timer: NodeJS.Timeout | undefined;
  #changesAreDue = false;
  /** Nothing has been done to the cluster yet. */
  #isQuiet = true;

  /** @param order undefined: only what happened lately is kept, for the terminal */
  constructor(cluster: Cluster, order: RecordingOrder | undefined, about: About) {
    this.#cluster = cluster;
    this.#withSql = order?.sql ?? true;
    this.#asks = order !== undefined;
    this.#outputs = [this.#recent, ...(order ? [fileFor(cluster, order, about)] : [])];
    this.#nodes = new NodeRecords(cluster);
    this.#lag = new LagRecords(cluster, {
      now: () => this.#clock.now,
      isBusy: (node) => this.#acts.mayHarm(node),
      write: (record) => this.write(record),
    });
    this.#statements = new StatementRecords(cluster, {
      withSql: this.#withSql,
      momentOf: (at) => this.#clock.momentOf(at),
      write: (record) => this.write(record),
    });
    this.write({
      kind: 'begin',
      version: recordingVersion,
      ...about,
      startedAt: this.#clock.startedAt,
      pid: process.pid,
      engine: cluster.engineKind,
      postgres: cluster.plan.spec.version ?? null,
      nodes: cluster.nodes.map((node) => node.name),
    });
    this.#writeChanges();
    for (const fault of cluster.faults.all) this.faultBegun(fault);
    cluster.watchedBy(this);
    this.#timer = order && setInterval(() => this.#look(), lookEveryMs).unref();
  }

  write(happening: Happening): void {
    const record = { at: this.#clock.now, ...happening };
    for (const output of this.#outputs) output.take(record);
  }

  begun(event: ClusterEvent): void {
    const isHarmless = this.#isHarmless(event);
    this.#prepareFor(event, isHarmless);
    this.write({
      kind: 'act begins',
      act: this.#acts.begun(event, isHarmless),
      what: event.act,
      node: event.node ?? null,
      during: event.during ?? null,
    });
  }

  ended(event: ClusterEvent): void {
    const act = this.#acts.ended(event);
    if (act === undefined || event.outcome === 'under way') return;
    this.#ledgers.look();
    const { outcome, detail = null } = event;
    this.write({ kind: 'act ends', act, outcome, detail });
  }

  faultBegun({ node, kind }: Fault): void {
    this.write({ kind: 'fault on', node: laneOf(node), fault: kind });
  }

  faultEnded({ node, kind }: Fault, because: EndOfFault | undefined): void {
    // At the start of a server its former run is over, and not only then has it ended.
    const isAct = because === undefined || (because === 'the server’s end' && this.#runs(node));
    const by = (isAct ? this.#acts.nameFor(node) : undefined) ?? because ?? 'unknown';
    this.write({ kind: 'fault off', node: laneOf(node), fault: kind, by });
  }

  /** Several things of a node change at once, as a rule. */
  nodesChanged(): void {
    if (this.#changesAreDue) return;
    this.#changesAreDue = true;
    queueMicrotask(() => this.#writeChanges());
  }

  endpointMoved(): void {
    this.nodesChanged();
  }

  attached(attached: object): void {
    this.#ledgers.attached(attached);
  }

  detached(attached: object): void {
    this.#ledgers.detached(attached);
  }

  sprang({ sql, ...loss }: Loss): void {
    this.write({ kind: 'hit', ...loss, sql: keptOf(sql, this.#withSql) });
  }

  /** What happened lately, for the terminal: no logs, and of former tests what still holds. */
  get recent(): Recording {
    return this.#recent.recording;
  }

  /** @param at milliseconds since the epoch, not long ago */
  momentOf(at: number): Moment {
    return this.#clock.momentOf(at);
  }

  /** What happened before that moment is for the file alone. */
  forgetBefore(moment: Moment): void {
    this.#recent.forgetBefore(moment);
  }

  /** Resolves when it has written what the nodes have logged since then (ms since the epoch). */
  async writeLogs(since: number): Promise<void> {
    if (!this.#asks) return;
    for (const record of await logRecords(this.#cluster, since, this.#clock, this.#withSql)) {
      this.write(record);
    }
  }

  /** The test file has ended. Nothing is written any more. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#cluster.watchedBy(undefined);
    for (const attached of this.#cluster.attached) this.detached(attached);
    this.#lag.leave(null);
    if (this.#asks) await this.#statements.end();
    this.#writeChanges();
    for (const { node, kind } of this.#cluster.faults.all) {
      this.write({
        kind: 'fault off',
        node: laneOf(node),
        fault: kind,
        by: 'the end of the cluster',
      });
    }
    for (const output of this.#outputs) output.close();
  }

  /** Writes down what has been done up to now. Nobody has to wait for it. */
  lookBack(): void {
    this.#ledgers.look();
    if (!this.#asks) return;
    void this.#statements.look();
  }

  #look(): void {
    this.lookBack();
    if (!this.#isQuiet || this.#clock.now > quietMs) void this.#lag.look();
  }

  #prepareFor({ act, node }: ClusterEvent, isHarmless: boolean): void {
    this.#ledgers.look();
    // It may make wires forget, or take nodes away.
    const isAsked = (node === undefined && !isHarmless) || act === 'remove';
    if (this.#asks && isAsked) void this.#statements.look();
    // A smart stop would wait for a connection of ours.
    if (isHarmless) return;
    this.#isQuiet = false;
    this.#lag.leave(node ?? null);
  }

  /** After each test a heal looks around, as a rule in vain. */
  #isHarmless({ act }: ClusterEvent): boolean {
    return act === 'ledger' || (act === 'heal' && this.#cluster.faults.all.length === 0);
  }

  #writeChanges(): void {
    this.#changesAreDue = false;
    for (const record of this.#nodes.changes()) this.write(record);
    for (const record of this.#nodes.endpointChanges()) this.write(record);
  }

  #runs(name: string): boolean {
    return this.#cluster.nodes.some((node) => node.name === name && node.state === 'running');
  }
}

function fileFor(cluster: Cluster, { folder }: RecordingOrder, { file }: About): RecordingFile {
  const { credentials, spec } = cluster.plan;
  const name = `${file.replace(/[^A-Za-z0-9]+/g, '-').slice(-60)}-${newId()}${recordingExtension}`;
  return new RecordingFile(
    join(folder, name),
    withoutSecrets(() =>
      [credentials.password, credentials.adminPassword].filter(
        (password) => password !== spec.database && password !== credentials.user,
      ),
    ),
  );
}

/** What is done to an endpoint stands in the book of faults under `the writer`. */
function laneOf(node: string): string {
  return node.replace(/^the /, '');
}
