import { Wire } from '../../src/wire/wire';
import { useCluster } from '../support/cluster';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { until } from '../support/until';

const the = useCluster({ slaves: 1 });

test('when the wire’s process has ended, every call says so, until a reset', async () => {
  const { pgCluster } = the;
  const { master } = pgCluster;
  await master.throttle({ latencyMs: 1 });
  await rows(master.url, 'SELECT 1');
  const wire = Wire.ofProcess;
  process.kill(wire.pid ?? 0, 'SIGKILL');
  await until('its end to be known', () => wire.hasEnded);

  await expect(rows(master.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  const why =
    /its process has ended \(it was ended by SIGKILL\).*pgCluster\.reset\(\) starts another/;
  await expect(master.throttle({ latencyMs: 2 })).rejects.toMatchObject(failure('ENGINE', why));
  await expect(master.queries()).rejects.toMatchObject(failure('ENGINE', why));
  await expect(master.restart()).rejects.toMatchObject(failure('ENGINE', why));
  await expect(pgCluster.heal()).rejects.toMatchObject(
    failure('HEAL', /nobody can connect to pg0: the process of the wire .*reset\(\)/),
  );

  const { url } = master;
  await pgCluster.reset();
  expect(master.url).toBe(url);
  await expect(rows(url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  await expect(master.queries()).resolves.toHaveLength(1);
  await pgCluster.waitForCatchup();
  await pgCluster.heal();
});
