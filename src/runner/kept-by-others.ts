import { Deadline } from '../base/deadline';
import { messageOf } from '../base/errors';
import { currentRun } from '../base/machine/run-marks';
import { say } from '../base/progress';
import { notedDoors } from '../prompt/door-file';
import { end } from '../prompt/visit';

const removeMs = 60_000;

/** Ends what an earlier run has kept in this folder: a new one means that it was looked at. */
export function endKeptByOthers(folder: string): void {
  const run = currentRun();
  for (const door of notedDoors()) {
    if (door.folder !== folder || door.run === undefined || door.run === run) continue;
    end(door, Deadline.inBackground(removeMs)).catch((error: unknown) => {
      say(`the cluster ${door.id} of an earlier run could not be ended: ${messageOf(error)}`);
    });
  }
}
