import type { Deadline } from '../base/deadline';
import { hasEnded } from '../cleanup/owner';
import type { RegistryEntry } from './registry-entry';

/** Removes what owners that have ended have left on an engine, if nobody else did. */
export async function sweep(engine: RegistryEntry, deadline: Deadline): Promise<void> {
  const left = await leftoversOn(engine, deadline);
  await Promise.all(left.map((sessionId) => engine.remove(sessionId, deadline)));
}

/** The sessions of owners that have ended. */
export async function leftoversOn(engine: RegistryEntry, deadline: Deadline): Promise<string[]> {
  const sessions = await engine.sessions(deadline);
  return [...sessions]
    .filter(([, there]) => there.hasEnded || hasEnded(there.owner))
    .map(([sessionId]) => sessionId);
}
