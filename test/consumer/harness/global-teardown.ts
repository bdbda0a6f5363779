import tearDownEngine from '../../engine/global-teardown';
import { removeInstallation } from './installation';

export default async function globalTeardown(): Promise<void> {
  await removeInstallation();
  await tearDownEngine();
}
