/** Ends the engine if globalSetup has started it. */
export default async function globalTeardown(): Promise<void> {
  const setUp = globalThis.engineSetUp;
  globalThis.engineSetUp = undefined;
  // Tests have told why it failed.
  const engine = await setUp?.done.catch(() => undefined);
  setUp?.forget();
  await engine?.stop();
}
