const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');

test('fails once the other file is in the middle of something', async () => {
  while (!existsSync(join(__dirname, 'in-the-middle'))) await setTimeout(20);
  expect('this').toBe('that');
}, 60_000);
