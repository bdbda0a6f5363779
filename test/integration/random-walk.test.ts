import '../../src/jest/matchers/matchers';
import { codeOf } from '../../src/base/errors';
import type { PgCluster } from '../../src/handle/pg-cluster';
import type { PgNode } from '../../src/handle/pg-node';
import { figure } from '../engine/figures';
import { engine } from '../support/engine';
import { newPick, seed, walkOn } from './random';

/** An act takes several times as long in Docker. The long form, by `npm run test:soak`, has 2,000. */
const acts = Number(process.env.PG_CLUSTER_WALK_ACTS ?? (engine === 'local' ? 120 : 40));
const actsPerHeal = 10;

/**
 * With two synchronous slaves a commit is acknowledged only when all three nodes have it. So
 * nothing may ever be lost, whoever is promoted, be it by force. With one, a failover past the
 * slave that has confirmed could lose it, rightly.
 */
const walk: [name: string, act: (pgCluster: PgCluster, node: PgNode) => Promise<unknown>][] = [
  ['pause', (_, node) => node.pause()],
  ['unpause', (_, node) => node.unpause()],
  ['stop fast', (_, node) => node.stop('fast')],
  ['stop immediate', (_, node) => node.stop('immediate')],
  ['kill', (_, node) => node.kill()],
  ['kill master', (pgCluster) => pgCluster.killMaster()],
  ['start', (_, node) => node.start()],
  ['restart immediate', (_, node) => node.restart('immediate')],
  ['disconnect from cluster', (_, node) => node.disconnect({ from: 'cluster' })],
  ['disconnect from clients', (_, node) => node.disconnect({ from: 'clients' })],
  ['disconnect from all', (_, node) => node.disconnect()],
  ['reconnect', (_, node) => node.reconnect()],
  ['silence', (_, node) => node.silenceConnections()],
  ['drop', (_, node) => node.dropConnections()],
  ['pause replay', (_, node) => node.pauseReplay()],
  ['resume replay', (_, node) => node.resumeReplay()],
  ['delay replay', (_, node) => node.delayReplay(50)],
  ['conflict', (_, node) => node.conflict()],
  ['read-only', (_, node) => node.readOnly(true)],
  ['exhaust', (_, node) => node.exhaustConnections()],
  ['promote', (_, node) => node.promote()],
  ['failover', (pgCluster) => pgCluster.failover()],
  ['forced failover', (pgCluster) => pgCluster.failover({ force: true })],
  ['switchover', (pgCluster) => pgCluster.switchover()],
  ['rejoin', (pgCluster, node) => pgCluster.rejoin(node)],
  ['status', (pgCluster) => pgCluster.status()],
  ['slow clients', (_, node) => node.throttle({ latencyMs: 20, jitterMs: 10 })],
  ['unthrottle', (_, node) => node.unthrottle()],
  ['reset connections', (_, node) => node.resetConnections()],
  ['lose a reply', (_, node) => node.cutAt(/^insert/i)],
  ['lose a request', (_, node) => node.cutAt(/^insert/i, { lose: 'request' })],
  ['refuse', (_, node) => node.refuseConnections()],
  ['accept', (_, node) => node.acceptConnections()],
  ['queries', (_, node) => node.queries()],
  ['point the writer', (pgCluster, node) => pgCluster.writer.pointTo(node)],
  ['the writer follows', (pgCluster) => pgCluster.writer.follow({ delayMs: 100 })],
];

/**
 * What may come of an act that the state of the cluster does not allow; a server that has no
 * connection left, or is shutting down, says so itself.
 */
const expected = ['ERR_PG_CLUSTER_STATE', 'ERR_PG_CLUSTER_TIMEOUT', '53300', '57P01', '57P03'];

test(
  `a random walk of ${acts} acts; PG_CLUSTER_SEED=${seed} replays it`,
  async () => {
    process.stderr.write(`random walk: PG_CLUSTER_SEED=${seed} PG_CLUSTER_WALK_ACTS=${acts}\n`);
    const pick = newPick();
    await walkOn({ slaves: 2, synchronous: 2 }, async (pgCluster) => {
      const ledger = await pgCluster.ledger({ timeoutMs: 500 });
      for (let count = 1; count <= acts; count += 1) {
        const [name, act] = pick(walk);
        const node = pick(pgCluster.nodes);
        try {
          await act(pgCluster, node);
        } catch (error) {
          if (!expected.includes(codeOf(error) ?? '')) {
            throw new Error(`act ${count}, ${name} on ${node.name}: ${String(error)}`, {
              cause: error,
            });
          }
        }
        if (count % actsPerHeal > 0 && count < acts) continue;
        await pgCluster.heal();
        expect(await pgCluster.status()).toBeStreaming();
        await ledger.waitFor('acknowledged', 5);
        expect(await ledger.verify()).toHaveLostNothing();
      }
      figure('acts of random walks', acts);
    });
  },
  20 * 60_000,
);
