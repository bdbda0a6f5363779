const { fork } = require('node:child_process');
const { once } = require('node:events');

test('runs a Jest of its own, which fails', async () => {
  const jest = require.resolve('jest/bin/jest');
  const args = [
    '--runInBand',
    '--reporters=default',
    '--transform={}',
    '--testPathPatterns=fails.test',
  ];
  const [code] = await once(fork(jest, args, { stdio: 'ignore' }), 'exit');
  expect(code).toBe(0);
}, 60_000);
