import Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { withLock } from '../../src/base/machine/lock';
import { progressTo } from '../../src/base/progress';
import { ensureBaseImages } from './base-images';
import { findOrStartDockerd } from './dockerd';

/**
 * Makes sure that a Docker engine answers (at `DOCKER_HOST` or the default socket) and that it
 * holds `postgres:<major>` for each major asked.
 *
 * `stop()` ends the dockerd that this call started; it does nothing when an engine was found
 * running. Stopping takes the engine away from every other process that uses it.
 */
export async function acquireEngine(o: {
  majors: readonly number[];
}): Promise<{ stop(): Promise<void> }> {
  return alone(async () => {
    const dockerd = await findOrStartDockerd();
    try {
      await ensureBaseImages(new Docker(), o.majors);
    } catch (error) {
      // A failing stop must not hide why we stop.
      await dockerd.stop().catch(() => undefined);
      throw error;
    }
    // Under the lock, so that nobody who is still making images loses the engine.
    return { stop: () => alone(() => dockerd.stop()) };
  });
}

/** While no other process of this machine sets up or stops the engine. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  return withLock('test-engine', Deadline.in(15 * 60_000), progressTo(), work);
}
