import type { Deadline } from '../base/deadline';
import { hasEnded } from '../cleanup/session';
import type { RegistryEntry } from './registry-entry';

/** Removes what owners that have ended left on an engine, when nothing else did at their end. */
export async function sweep(engine: RegistryEntry, deadline: Deadline): Promise<void> {
  const sessions = await engine.sessions(deadline);
  const left = [...sessions].filter(([, owner]) => hasEnded(owner));
  await Promise.all(left.map(([sessionId]) => engine.remove(sessionId, deadline)));
}
