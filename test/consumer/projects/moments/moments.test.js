const { tell } = require('./tell');

const { MOMENT } = process.env;

test('leaves much to heal', async () => {
  await pgCluster.pauseMaster();
  tell('paused');
  if (MOMENT === 'paused') await new Promise(() => {});
  await pgCluster.slaves[0].kill();
  await pgCluster.slaves[1].pause();
  tell('healing');
}, 60_000);

test('leaves a master that was failed over from', async () => {
  await pgCluster.killMaster();
  tell('failing over');
  await pgCluster.failover();
});

test('puts the cluster back', async () => {
  tell('resetting');
  await pgCluster.reset();
});

afterAll(() => tell('tearing down'));
