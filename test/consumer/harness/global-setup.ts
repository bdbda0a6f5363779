import setUpEngine from '../../engine/global-setup';
import tearDownEngine from '../../engine/global-teardown';
import { installPackage, removeInstallation } from './installation';

export default async function globalSetup(): Promise<void> {
  await setUpEngine();
  try {
    await installPackage();
  } catch (error) {
    // Jest runs no teardown after a failed setup.
    await removeInstallation();
    await tearDownEngine();
    throw error;
  }
}
