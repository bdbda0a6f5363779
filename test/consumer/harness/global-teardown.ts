import type { Background } from '../../engine/background';
import tearDownEngine from '../../engine/global-teardown';
import { removeInstallation } from './installation';

declare global {
  var installationSetUp: Background<void> | undefined;
}

export default async function globalTeardown(): Promise<void> {
  // Tests have told why it failed.
  await globalThis.installationSetUp?.done.catch(() => undefined);
  globalThis.installationSetUp?.forget();
  await removeInstallation();
  await tearDownEngine();
}
