import { basePortAdvice } from '../../src/cluster/base-port-advice';
import type { Engine, OtherNode } from '../../src/engine/engine';

/** What is advised when the engine says this of port 15432. */
function advice(nodeOn: () => Promise<OtherNode | undefined>, workers: number): Promise<string> {
  const engine: Pick<Engine, 'nodeOn'> = { nodeOn };
  return basePortAdvice({ engine: engine as Engine, ports: [15_432], workers });
}

const nobodys = async () => undefined;
const unable = () => Promise.reject(new Error('the engine has gone away'));

test('the advice about a basePort in use depends on who uses it', async () => {
  const others = async () => ({ name: 'pg1', process: '4711' });
  expect(await advice(others, 1)).toMatch(/^it is pg1 of another cluster .*4711.*maxWorkers: 1/);
  for (const nodeOn of [nobodys, unable]) {
    expect(await advice(nodeOn, 3)).toMatch(/^this run has 3 workers.*--runInBand/);
    expect(await advice(nodeOn, 1)).toMatch(/^end that, choose another basePort/);
  }
});
