import { homedir, userInfo } from 'node:os';

/** Of this process; -1 on Windows, as Node has it. */
export function userId(): number {
  // Not userInfo().uid: that throws for a user whom the system does not know, as in many containers.
  return process.getuid?.() ?? -1;
}

/** As the system knows this process's user; undefined where it knows none of that id. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** Undefined for a user whom the system does not know, unless HOME says it. */
export function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
