import { existsSync } from 'node:fs';
import { messageOf } from '../base/errors';
import type { HowToPrune } from '../engine/pruning';
import { recordingsIn, removeIfEmpty, removeRecording } from '../report/output/old-recordings';
import type { PruneReport } from './prune-report';

/**
 * Removes old recordings and pages from a reporter's folder, and the folder with the last of them.
 *
 * @param isGiven whether the user has named it; the usual one need not be there
 */
export function pruneRecordings(
  folder: string,
  isGiven: boolean,
  { olderThanMs, dryRun }: HowToPrune,
  report: PruneReport,
): void {
  const recordings = recordingsIn(folder);
  if (!recordings) {
    const why = existsSync(folder) ? 'no reporter has made it' : 'there is no such folder';
    if (isGiven || existsSync(folder)) report.passedOver(`${folder} is passed over: ${why}`);
    return;
  }
  for (const recording of recordings) {
    const { path, bytes, ageMs, isUnderWay } = recording;
    const found = { what: `recording ${path}`, bytes, unusedMs: ageMs };
    try {
      if (ageMs < olderThanMs) report.young();
      else if (isUnderWay) report.stays(found, 'its run is under way');
      else {
        if (!dryRun) removeRecording(recording);
        report.removed(found);
      }
    } catch (error) {
      report.failed(found, messageOf(error));
    }
  }
  if (!dryRun) removeIfEmpty(folder);
}
