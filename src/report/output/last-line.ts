import { say, sayAtExit } from '../../base/progress';

/** A run that has not ended by then goes on: in watch mode, or because something keeps it. */
const waitMs = 500;

/** Prints a line after all that Jest prints at the end of a run: when the process ends, or soon. */
export function sayLast(text: string): void {
  const atExit = () => {
    clearTimeout(timer);
    sayAtExit(text);
  };
  const timer = setTimeout(() => {
    process.off('exit', atExit);
    say(text);
  }, waitMs).unref();
  process.once('exit', atExit);
}
