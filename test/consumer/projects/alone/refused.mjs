import { startCluster } from 'jest-environment-pg-cluster/cluster';

for (const options of [
  { heal: true, isolation: 'test', lifetime: 'worker', logs: 'never', staleReads: true },
  { networkFaults: true, slavs: 1 },
  { slaves: 99, rootDir: 1 },
  2,
]) {
  await startCluster(options).then(
    () => console.log('started'),
    (error) => console.log(`${error.code}\n${error.message}`),
  );
}
