import type { Config } from 'jest';
import {
  type ClusterEvent,
  type ClusterStatus,
  type Ledger,
  type LedgerReport,
  type PgCluster,
  type PgClusterOptions,
  type PgEndpoint,
  type PgHit,
  type PgNode,
  type PgQuery,
  type PgTrap,
  type PrepareOptions,
  type Settings,
  type SlaveOptions,
  type StopMode,
  TestEnvironment,
} from 'jest-environment-pg-cluster';

const settings: Settings = { work_mem: '8MB', max_connections: 20, log_connections: true };

const slave: SlaveOptions = {
  upstream: 'pg0',
  replayDelayMs: 50,
  synchronous: true,
  slot: true,
  settings,
};

const prepare: PrepareOptions = {
  command: 'npx prisma migrate deploy',
  inputs: ['prisma/**'],
  timeoutMs: 60_000,
};

/** Every option. */
export const options: PgClusterOptions = {
  engine: 'docker',
  slaves: [slave, {}],
  synchronous: 1,
  version: 17,
  image: 'postgis/postgis:17-3.5',
  database: 'testsuite',
  user: 'testsuite',
  superuser: false,
  extensions: ['postgis'],
  prepare,
  password: 'secret',
  settings,
  init: ['schema.sql', 'rows'],
  basePort: 20_000,
  staleReads: true,
  heal: true,
  logs: 'on-failure',
  startTimeoutMs: 60_000,
};

/** As it is written in a config in TypeScript. */
export const config: Config = {
  preset: 'jest-environment-pg-cluster',
  testEnvironmentOptions: options,
};

type Handle = TestEnvironment['handleTestEvent'];

export class OwnEnvironment extends TestEnvironment {
  override async handleTestEvent(...[event, state]: Parameters<Handle>): Promise<void> {
    if (event.name === 'test_done') this.global.console.log(event.test.name);
    await super.handleTestEvent(event, state);
  }
  override async setup(): Promise<void> {
    await super.setup();
  }
}

/** What the handle gives, with its types. */
export const handle = {
  master: (): PgNode => pgCluster.master,
  slaves: (): readonly PgNode[] => pgCluster.slaves,
  nodes: (): readonly PgNode[] => pgCluster.nodes,
  node: (): PgNode => pgCluster.node('pg0'),
  masterUrl: (): string => pgCluster.masterUrl,
  slaveUrls: (): readonly string[] => pgCluster.slaveUrls,
  caFile: (): string | undefined => pgCluster.caFile,
  network: (): string | undefined => pgCluster.network,
  writer: (): PgEndpoint => pgCluster.writer,
  reader: (): PgEndpoint => pgCluster.reader,
  url: (): string => pgCluster.url({ targetSessionAttrs: 'read-write', order: ['pg1', 'pg0'] }),
  pauseMaster: (): Promise<void> => pgCluster.pauseMaster(),
  unpauseMaster: (): Promise<void> => pgCluster.unpauseMaster(),
  stopMaster: (): Promise<void> => pgCluster.stopMaster('immediate'),
  startMaster: (): Promise<void> => pgCluster.startMaster(),
  killMaster: (): Promise<void> => pgCluster.killMaster(),
  failover: (to: PgNode): Promise<PgNode> => pgCluster.failover({ to, force: true }),
  switchover: (to: PgNode): Promise<PgNode> => pgCluster.switchover({ to }),
  rejoin: (node: PgNode): Promise<void> => pgCluster.rejoin(node),
  addSlave: (): Promise<PgNode> => pgCluster.addSlave(slave),
  removeSlave: (node: PgNode): Promise<void> => pgCluster.removeSlave(node),
  pauseSlave: (): Promise<void> => pgCluster.pauseSlave(1),
  unpauseSlave: (): Promise<void> => pgCluster.unpauseSlave(),
  waitForCatchup: (node: PgNode): Promise<void> =>
    pgCluster.waitForCatchup({ node, timeoutMs: 1000 }),
  ledger: (): Promise<Ledger> =>
    pgCluster.ledger({ connections: 3, intervalMs: 0, timeoutMs: 500 }),
  status: (): Promise<ClusterStatus> => pgCluster.status(),
  heal: (): Promise<void> => pgCluster.heal(),
  reset: (): Promise<void> => pgCluster.reset(),
  snapshot: (): Promise<void> => pgCluster.snapshot('migrated'),
  restore: (): Promise<void> => pgCluster.restore(),
  timeline: (): readonly ClusterEvent[] => pgCluster.timeline,
} satisfies Record<keyof PgCluster, unknown>;

export const nodeHandle = (node: PgNode) =>
  ({
    name: node.name satisfies string,
    host: node.host satisfies string,
    port: node.port satisfies number,
    url: node.url satisfies string,
    internalUrl: node.internalUrl satisfies string,
    role: node.role satisfies 'master' | 'slave',
    state: node.state satisfies 'running' | 'paused' | 'stopped',
    pause: (): Promise<void> => node.pause(),
    unpause: (): Promise<void> => node.unpause(),
    stop: (mode: StopMode): Promise<void> => node.stop(mode),
    start: (): Promise<void> => node.start(),
    restart: (): Promise<void> => node.restart('smart'),
    kill: (): Promise<void> => node.kill(),
    promote: (): Promise<void> => node.promote(),
    disconnect: (): Promise<void> => node.disconnect({ from: 'cluster' }),
    reconnect: (): Promise<void> => node.reconnect(),
    silenceConnections: (): Promise<number> => node.silenceConnections({ pid: 1 }),
    dropConnections: (): Promise<number> => node.dropConnections({ user: 'app' }),
    resetConnections: (): Promise<number> => node.resetConnections({ application: 'worker' }),
    throttle: (): Promise<void> => node.throttle({ latencyMs: 30, from: 'all' }),
    unthrottle: (): Promise<void> => node.unthrottle(),
    cutAt: (): Promise<PgTrap> => node.cutAt(/^commit/i, { lose: 'request', times: 2 }),
    refuseConnections: (): Promise<void> => node.refuseConnections('in recovery'),
    acceptConnections: (): Promise<void> => node.acceptConnections(),
    queries: (): Promise<readonly PgQuery[]> => node.queries({ since: 0, matching: 'select' }),
    exhaustConnections: (): Promise<number> => node.exhaustConnections(),
    fillDisk: (): Promise<void> => node.fillDisk(),
    freeDisk: (): Promise<void> => node.freeDisk(),
    releaseConnections: (): Promise<void> => node.releaseConnections(),
    readOnly: (): Promise<void> => node.readOnly(false),
    pauseReplay: (): Promise<void> => node.pauseReplay(),
    resumeReplay: (): Promise<void> => node.resumeReplay(),
    delayReplay: (): Promise<void> => node.delayReplay(500),
    conflict: (): Promise<number> => node.conflict(),
    query: (): Promise<{ id: number }[]> =>
      node.query<{ id: number }>('SELECT id FROM orders WHERE id > $1', [1]),
    logs: (): Promise<string> => node.logs(),
  }) satisfies Record<keyof PgNode, unknown>;

export const endpointHandle = (endpoint: PgEndpoint, node: PgNode) =>
  ({
    url: endpoint.url satisfies string,
    host: endpoint.host satisfies string,
    port: endpoint.port satisfies number,
    targets: endpoint.targets satisfies readonly PgNode[],
    follow: (): Promise<void> => endpoint.follow({ delayMs: 2000, keepSessions: true }),
    pointTo: (): Promise<void> => endpoint.pointTo(node, 'pg1'),
  }) satisfies Record<keyof PgEndpoint, unknown>;

export const trapHandle = (trap: PgTrap) =>
  ({
    hits: trap.hits satisfies readonly PgHit[],
    hit: (): Promise<PgHit> => trap.hit({ timeoutMs: 500 }),
    disarm: (): Promise<void> => trap.disarm(),
  }) satisfies Record<keyof PgTrap, unknown>;

export const ledgerHandle = (ledger: Ledger) =>
  ({
    table: ledger.table satisfies string,
    counts: ledger.counts.acknowledged satisfies number,
    waitFor: (): Promise<void> => ledger.waitFor('acknowledged', 10, { timeoutMs: 500 }),
    stop: (): Promise<void> => ledger.stop(),
    verify: (): Promise<LedgerReport> => ledger.verify(),
  }) satisfies Record<keyof Ledger, unknown>;
