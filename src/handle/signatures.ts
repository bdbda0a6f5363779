import { boolean, expected, oneOf, type Rule, text, wholeNumber } from '../base/value-rules';
import { cutFrom } from '../cluster/faults/network-faults';
import { replayDelay } from '../cluster/faults/replay-faults';
import { stopMode } from '../cluster/faults/server-faults';
import type { Ledger } from '../cluster/ledger/ledger';
import { writeOutcomes } from '../cluster/ledger/ledger-book';
import { ledgerRules } from '../cluster/ledger/ledger-options';
import { snapshotName } from '../cluster/lifecycle/snapshot';
import { furtherSlaveRule } from '../cluster/settings/slave-rules';
import { anything, array, type Parameter, type Signatures } from './arguments';
import type { PgCluster } from './pg-cluster';
import type { PgNode } from './pg-node';

const dayMs = 86_400_000;
const timeoutMs = wholeNumber(0, dayMs);

/** The values that libpq 14 and later take. */
const targetSessionAttrs = oneOf(
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
);
const sql = text(1_000_000_000, /\S/, 'a text that is not empty');
const params: Rule = (value) => (Array.isArray(value) ? { value } : expected('an array', value));

const needs = (name: string, rule: Rule): Parameter => ({ name, rule, isOptional: false });
const may = (name: string, rule: Rule): Parameter => ({ name, rule, isOptional: true });
const options = (rules: Readonly<Record<string, Rule>>): Parameter => ({ rules });
const nothing: readonly Parameter[] = [];

/** Nodes, names and indexes are checked when they are looked up. */
export const clusterSignatures: Signatures<PgCluster> = {
  node: [needs('name', anything)],
  url: [options({ targetSessionAttrs, order: array })],
  pauseMaster: nothing,
  unpauseMaster: nothing,
  stopMaster: [may('mode', stopMode)],
  startMaster: nothing,
  killMaster: nothing,
  pauseSlave: [may('index', anything)],
  unpauseSlave: [may('index', anything)],
  failover: [options({ to: anything, force: boolean })],
  switchover: [options({ to: anything })],
  rejoin: [needs('node', anything)],
  addSlave: [may('the slave', furtherSlaveRule)],
  removeSlave: [needs('node', anything)],
  waitForCatchup: [options({ node: anything, timeoutMs })],
  status: nothing,
  ledger: [options(ledgerRules)],
  heal: nothing,
  reset: nothing,
  snapshot: [may('name', snapshotName)],
  restore: [may('name', snapshotName)],
};

export const nodeSignatures: Signatures<PgNode> = {
  pause: nothing,
  unpause: nothing,
  stop: [may('mode', stopMode)],
  start: nothing,
  restart: [may('mode', stopMode)],
  kill: nothing,
  promote: nothing,
  dropConnections: nothing,
  exhaustConnections: nothing,
  releaseConnections: nothing,
  readOnly: [may('on', boolean)],
  pauseReplay: nothing,
  resumeReplay: nothing,
  delayReplay: [needs('ms', replayDelay)],
  disconnect: [options({ from: cutFrom })],
  reconnect: nothing,
  fillDisk: nothing,
  freeDisk: nothing,
  silenceConnections: nothing,
  query: [needs('sql', sql), may('params', params)],
  logs: nothing,
};

export const ledgerSignatures: Signatures<Ledger> = {
  waitFor: [
    needs('outcome', oneOf(...writeOutcomes)),
    may('count', wholeNumber(1, 1_000_000_000)),
    options({ timeoutMs }),
  ],
  stop: nothing,
  verify: nothing,
};
