import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readRecordings } from '../../src/report/reading/read-recordings';
import { drawFailover } from './draw-failover';
import { drawReport } from './draw-report';
import { play } from './play';

/**
 * Makes the README's pictures, of a failover that has just happened and of the report on a test that has
 * just failed; or the same in the folder that is given.
 */
async function main(): Promise<void> {
  const pictures = process.argv[2] ?? resolve(__dirname, '..', '..', '.github');
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-picture-'));
  try {
    const recording = join(folder, 'recording.json');
    const failover = await play('failover', [], { RECORDING: recording });
    if (failover.code !== 0) throw new Error('the failover did not work');
    const noted = JSON.parse(readFileSync(recording, 'utf8'));
    writeFileSync(join(pictures, 'picture.svg'), drawFailover(noted));

    const report = join(folder, 'report');
    const { code } = await play('report', [], { REPORT: report });
    const [failed] = readRecordings([report]).recordings;
    if (code !== 1 || !failed) throw new Error('the test that is to fail did not');
    writeFileSync(join(pictures, 'report.svg'), drawReport(failed));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
