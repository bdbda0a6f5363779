const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const ways = {
  'an uncaught exception': () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
  },
  'an abort': () => process.abort(),
  'an exit': () => process.exit(3),
  'lack of memory': () => {
    // A control group that has little: from here on the kernel counts what this process takes.
    writeFileSync(join(process.env.MEMORY_GROUP, 'cgroup.procs'), String(process.pid));
    for (const taken = []; ; ) taken.push(Buffer.alloc(2 ** 20, 1));
  },
  'an open handle': () => {
    setInterval(() => {}, 1000);
  },
};

test('crashes', async () => {
  await pgCluster.pauseMaster();
  writeFileSync(join(__dirname, 'told-paused.json'), '"the master is paused"');
  ways[process.env.WAY]();
  await new Promise((resolve) => setTimeout(resolve, 300));
});
