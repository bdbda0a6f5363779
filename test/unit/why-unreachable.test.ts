import { Deadline, poll } from '../../src/base/deadline';
import { RefusedConnections } from '../../src/cluster/node/refused-connections';
import { listens } from '../../src/engine/docker/network/why-unreachable';
import type { EngineNode } from '../../src/engine/engine-node';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

const table = (local: string, state: string) =>
  `  sl  local_address rem_address   st\n   0: ${local} 00000000:0000 ${state} 00000000:00000000\n`;

test('a server listens once others can connect to its port', () => {
  expect(listens(table('00000000:1538', '0A'))).toBe(true);
  expect(listens(table(`${'0'.repeat(32)}:1538`, '0A'))).toBe(true);
  // Connected, on loopback alone, on another port, not at all.
  expect(listens(table('00000000:1538', '01'))).toBe(false);
  expect(listens(table('0100007F:1538', '0A'))).toBe(false);
  expect(listens(table(`${'0'.repeat(24)}01000000:1538`, '0A'))).toBe(false);
  expect(listens(table('00000000:1539', '0A'))).toBe(false);
  expect(listens('')).toBe(false);
});

/** Notes refusals until the engine was asked so often; it says each time what `answers` has. */
async function refuse(answers: readonly (string | undefined)[]): Promise<void> {
  let asked = 0;
  const engineNode: Pick<EngineNode, 'whyUnreachable'> = {
    whyUnreachable: async () => answers[asked++],
  };
  const refusals = new RefusedConnections(engineNode as EngineNode);
  await poll({
    deadline: Deadline.in(30_000),
    what: 'the answers',
    intervalMs: 5,
    look: async (deadline) => {
      await refusals.note(refused, deadline);
      return asked === answers.length ? { done: undefined } : { seen: `${asked} answers` };
    },
  });
}

test('a wait ends when the engine says twice in a row that the server listens', async () => {
  await Promise.all([
    expect(refuse(['why', 'why', 'never asked'])).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_NO_ENGINE',
      message: 'why',
    }),
    // A slow start, and a server that was about to be reached.
    refuse([undefined, undefined, 'why', undefined, 'why']),
  ]);
});
