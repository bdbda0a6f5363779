import { acquireEngine } from './index';

declare global {
  var stopEngine: (() => Promise<void>) | undefined;
}

/**
 * Jest's globalSetup of the projects that need containers. Several projects of one run may call
 * it; only the first can have started the engine. Images of other versions than the default are
 * brought in by the files that need them, while the other worker is at work.
 */
export default async function globalSetup(): Promise<void> {
  if (globalThis.stopEngine) return;
  const { stop } = await acquireEngine({ majors: [17] });
  globalThis.stopEngine = stop;
}
