const { existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');

const tell = (what) => writeFileSync(join(__dirname, `told-${what}.json`), JSON.stringify(what));

/** Has something done to the engine from outside. */
async function ask(what) {
  tell(what);
  while (!existsSync(join(__dirname, `done-${what}`))) await setTimeout(50);
}

const gone = {
  code: 'ERR_PG_CLUSTER_ENGINE',
  message: expect.stringMatching(/^could not .*: the Docker engine has gone away/),
};

test('the engine is stopped, and started again', async () => {
  await pgCluster.master.query('CREATE TABLE kept AS SELECT 7 AS a');
  await pgCluster.waitForCatchup();

  await ask('1-stop');
  await expect(pgCluster.pauseMaster()).rejects.toMatchObject(gone);
  const { nodes } = await pgCluster.status();
  expect(nodes.map(({ answers }) => answers)).toEqual([false, false]);
  await expect(pgCluster.heal()).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_HEAL',
    message: expect.stringMatching(/could not be healed: .*the Docker engine has gone away/),
  });

  await ask('2-start');
  await pgCluster.heal();
  for (const node of pgCluster.nodes) expect(await node.query('TABLE kept')).toEqual([{ a: 7 }]);
  await pgCluster.reset();
  expect(await pgCluster.master.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  tell('healed');
}, 60_000);

test('the engine is killed, and nobody starts it', async () => {
  await ask('3-kill');
  await expect(pgCluster.pauseMaster()).rejects.toMatchObject(gone);
}, 60_000);

test('what comes after it does not begin', () => {});
