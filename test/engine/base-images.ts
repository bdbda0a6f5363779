import type Docker from 'dockerode';
import { isDebianRoot } from './debian';
import { makeImageFromDebian } from './debian-image';
import { readProgress } from './progress';
import { say, sayLoudly, step } from './report';

const PULL_TIMEOUT_MS = 60_000;
const PULL_STALL_MS = 20_000;

/** Makes sure that `postgres:<major>` exists: found, else pulled, else made from packages. */
export async function ensureBaseImages(docker: Docker, majors: readonly number[]): Promise<void> {
  // One after the other: making an image keeps two cores busy.
  for (const major of new Set(majors)) {
    const tag = `postgres:${major}`;
    if (await exists(docker, tag)) {
      say(`${tag}: found`);
      continue;
    }
    const failure = await pullFailure(docker, tag);
    if (failure === undefined) continue;
    if (!isDebianRoot()) {
      throw new Error(
        `There is no image ${tag}, and pulling it failed: ${failure}. ` +
          'Give the engine access to a registry, or load the image into it.',
      );
    }
    sayLoudly(`${tag} cannot be pulled (${failure}): making it from Debian packages`);
    await step(`${tag} made from Debian packages`, () => makeImageFromDebian(docker, major, tag));
  }
}

async function exists(docker: Docker, tag: string): Promise<boolean> {
  try {
    await docker.getImage(tag).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** Undefined if the image was pulled, else why not. */
async function pullFailure(docker: Docker, tag: string): Promise<string | undefined> {
  const abort = new AbortController();
  const giveUp = (why: string): void => abort.abort(why);
  const total = setTimeout(giveUp, PULL_TIMEOUT_MS, `not done after ${PULL_TIMEOUT_MS / 1000} s`);
  const stall = setTimeout(giveUp, PULL_STALL_MS, `no progress for ${PULL_STALL_MS / 1000} s`);
  try {
    await step(`${tag} pull`, async () => {
      const answer = await docker.pull(tag, { abortSignal: abort.signal });
      await readProgress(answer, () => stall.refresh());
    });
    return undefined;
  } catch (error) {
    return abort.signal.aborted ? String(abort.signal.reason) : (error as Error).message.trim();
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
  }
}
