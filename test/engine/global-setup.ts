import { acquireEngine } from './index';

declare global {
  var stopEngine: (() => Promise<void>) | undefined;
}

/**
 * Jest's globalSetup of the projects that need containers. Several projects of one run may call
 * it; only the first can have started the engine.
 */
export default async function globalSetup(): Promise<void> {
  if (globalThis.stopEngine) return;
  const { stop } = await acquireEngine({ majors: [17, 15, 13] });
  globalThis.stopEngine = stop;
}
