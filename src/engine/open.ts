import type { Deadline } from '../base/deadline';
import { messageOf, PgClusterError } from '../base/errors';
import { sayOncePerRun } from '../base/machine/once-per-run';
import { currentSession, hasEnded } from '../cleanup/session';
import type { ResolvedOptions } from '../options/options';
import { connectDocker } from './docker/client/connect';
import { DockerEngine } from './docker/engine';
import { label } from './docker/image/labels';
import { removeOldImages } from './docker/image/old-images';
import { removeLabelled, sessionsOf } from './docker/remove';
import type { Engine, EngineKind } from './engine';
import { removeSessionTrees, sessionTrees } from './local/directories/remove';
import { LocalEngine } from './local/engine';

/** How long an engine may take to answer, where there is another way. */
const quickMs = 2000;
const patientMs = 5000;

type EngineOptions = Pick<
  ResolvedOptions,
  | 'engine'
  | 'image'
  | 'version'
  | 'binDir'
  | 'cacheDir'
  | 'networkFaults'
  | 'dataLimitMb'
  | 'diskLimitMb'
  | 'publishOn'
  | 'rootDir'
  | 'slaves'
  | 'workers'
>;

/**
 * The engine for one cluster. Which of them `'auto'` is, and why, is said once per run.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that says what was tried and how to get one.
 */
export async function openEngine(o: EngineOptions): Promise<Engine> {
  if (o.engine === 'docker') return openDocker(o, patientMs);
  if (o.engine === 'local') return openLocal(o);
  if (o.binDir !== undefined) {
    sayOncePerRun('nodes run as local processes, since binDir is given');
    return openLocal(o);
  }
  try {
    const engine = await openDocker(o, quickMs);
    const ignored = o.dataLimitMb === undefined ? '' : '; dataLimitMb has no effect there';
    sayOncePerRun(`nodes run in Docker, since an engine answers${ignored}`);
    return engine;
  } catch (error) {
    const needsDocker = (['image', 'diskLimitMb', 'publishOn'] as const).find(
      (key) => o[key] !== undefined,
    );
    if (needsDocker) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_NO_ENGINE',
        `the option ${needsDocker} needs Docker, but ${textOf(error)}`,
        { cause: error },
      );
    }
    sayOncePerRun(`nodes run as local processes, since ${messageOf(causeOf(error))}`);
    return openLocal(o, textOf(error));
  }
}

/** With its lines, unlike messageOf. */
function textOf(error: unknown): string {
  return error instanceof Error ? error.message : messageOf(error);
}

/** connectDocker's error says itself in short there. */
function causeOf(error: unknown): unknown {
  return error instanceof PgClusterError ? (error.cause ?? error) : error;
}

async function openDocker(o: EngineOptions, answerMs: number): Promise<Engine> {
  const { docker } = await connectDocker({ answerMs, onThisMachine: o.publishOn === undefined });
  const image = o.image ?? `postgres:${o.version}`;
  return new DockerEngine({
    docker,
    image,
    diskLimitMb: o.diskLimitMb,
    publishOn: o.publishOn ?? '127.0.0.1',
    session: currentSession(),
  });
}

function openLocal(o: EngineOptions, whyNotDocker?: string): Engine {
  const { version, binDir, cacheDir, networkFaults, dataLimitMb, rootDir, slaves, workers } = o;
  return new LocalEngine({
    whyNotDocker,
    session: currentSession(),
    version,
    binDir,
    cacheDir,
    networkFaults,
    dataLimitMb,
    workers,
    rootDir,
    nodes: slaves.length + 1,
  });
}

/** Removes all that a session has made on an engine; resolves to how much there was. */
export async function removeSession(
  kind: EngineKind,
  sessionId: string,
  deadline: Deadline,
): Promise<number> {
  if (kind === 'local') return removeSessionTrees(sessionId, deadline);
  const { docker } = await connectDocker();
  return removeLabelled(docker, `${label.session}=${sessionId}`, deadline);
}

/** Removes what owners that have ended left on an engine, when nothing else did at their end. */
export async function sweep(kind: EngineKind, deadline: Deadline): Promise<void> {
  const sessions = kind === 'local' ? sessionTrees() : await dockerSessions(deadline);
  const left = [...sessions].filter(([, owner]) => hasEnded(owner));
  await Promise.all(left.map(([sessionId]) => removeSession(kind, sessionId, deadline)));
}

async function dockerSessions(deadline: Deadline): Promise<ReadonlyMap<string, string>> {
  const { docker } = await connectDocker();
  return sessionsOf(docker, deadline);
}

/** Removes what an engine keeps to be used again, if nobody has used it for long. */
export async function ageOut(kind: EngineKind, deadline: Deadline): Promise<void> {
  // The local engine's cache is where an option says: who uses it looks after it.
  if (kind === 'local') return;
  const { docker } = await connectDocker();
  await removeOldImages(docker, deadline);
}
