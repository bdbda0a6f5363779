import { inBackground } from '../../engine/background';
import setUpEngine from '../../engine/global-setup';
import tearDownEngine from '../../engine/global-teardown';
import { installPackage, packPackage, removeInstallation } from './installation';

export default async function globalSetup(): Promise<void> {
  setUpEngine();
  try {
    // It builds, which would take away what other tests run from.
    await packPackage();
    globalThis.installationSetUp = inBackground('installation', installPackage);
  } catch (error) {
    // Jest runs no teardown after a failed setup.
    await removeInstallation();
    await tearDownEngine();
    throw error;
  }
}
