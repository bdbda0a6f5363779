import { livingSessionFiles, removeSessionFile, writeSessionFile } from './session-files';

const useFile = 'uses';

/**
 * Notes, until the result is called or this process has ended, that it uses what is kept under a lock
 * of this name. Whoever removes what is kept takes the lock, and then asks {@link isInUse}; so whoever
 * has noted a use sees the lock, or is seen.
 */
export function noteUseOf(name: string): () => void {
  const path = writeSessionFile(useFile, name);
  return () => removeSessionFile(path);
}

/** Whether a process of this user on this machine, which is not known to have ended, uses it. */
export function isInUse(name: string): boolean {
  return livingSessionFiles(useFile).includes(name);
}
