import { homedir, userInfo } from 'node:os';

/** The user id of this process; -1 on Windows, where Node has none. */
export function userId(): number {
  // Not userInfo().uid, which throws for a user unknown to the system, as in many containers.
  return process.getuid?.() ?? -1;
}

/** The name of this process's user; undefined if the system knows no user of that id. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** Undefined for a user unknown to the system, unless HOME is set. */
export function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
