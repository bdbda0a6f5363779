import type { Deadline } from '../base/deadline';
import { hasEnded } from '../cleanup/owner';
import type { RegistryEntry } from './registry-entry';

/** Removes what owners that have ended have left on an engine, if nobody else did. */
export async function sweep(engine: RegistryEntry, deadline: Deadline): Promise<void> {
  const sessions = await engine.sessions(deadline);
  const left = [...sessions].filter(([, owner]) => hasEnded(owner));
  await Promise.all(left.map(([sessionId]) => engine.remove(sessionId, deadline)));
}
