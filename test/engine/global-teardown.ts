/** Ends the engine if globalSetup has started it. */
export default async function globalTeardown(): Promise<void> {
  const stop = globalThis.stopEngine;
  globalThis.stopEngine = undefined;
  await stop?.();
}
