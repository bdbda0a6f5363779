import { aptInstall, isDebianRoot } from '../engine/debian';
import { findChromium } from './chromium';

/** There is a Chromium, or it is said how to get one. */
export async function ensureChromium(): Promise<void> {
  if (findChromium() !== undefined) return;
  if (isDebianRoot()) await aptInstall(['chromium', 'fonts-dejavu-core']);
  if (findChromium() === undefined) {
    throw new Error(
      'The browser tests found no Chromium (chromium, chromium-browser, google-chrome) in PATH: install one, or give its path as CHROMIUM.',
    );
  }
}
