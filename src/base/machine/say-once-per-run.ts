import { say } from '../progress';
import { markInRun } from './run-marks';

/**
 * Prints a line on stderr, unless another worker of this run of Jest has already printed one about
 * the same subject here.
 */
export function sayOncePerRun(subject: string, text: string): void {
  if (markInRun(`said-${subject}`)) say(text);
}
