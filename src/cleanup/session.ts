import { newId } from '../base/new-id';
import { ownerOf } from './owner';

/** One process's use of engines. Its id is on everything that the process makes there. */
export interface Session {
  readonly id: string;
  /** The process, and the machine that it runs on: see {@link ownerOf}. */
  readonly owner: string;
}

let session: Session | undefined;

/** This process's session. */
export function currentSession(): Session {
  session ??= { id: newId(), owner: ownerOf(process.pid) };
  return session;
}
