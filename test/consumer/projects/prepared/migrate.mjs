import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

appendFileSync('runs.log', '.');
// Is told how to behave by files that are none of its inputs.
if (existsSync('hang')) {
  // Whoever looks for it finds it by this folder, in its command line.
  spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', process.cwd()]);
}
const client = new pg.Client();
await client.connect();
for (const file of readdirSync('migrations').sort()) {
  console.log(`running ${file}`);
  await client.query(readFileSync(`migrations/${file}`, 'utf8'));
}
writeFileSync('in-the-middle', '');
while (existsSync('wait') || existsSync('hang')) await setTimeout(50);
await client.end();
