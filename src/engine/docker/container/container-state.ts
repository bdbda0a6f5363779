import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import type { EngineNodeState } from '../../engine-node';
import { call, statusOf } from '../client/api-call';

/** What the engine sees of a node's container. */
export async function containerState(
  container: Docker.Container,
  node: string,
  deadline: Deadline,
): Promise<EngineNodeState> {
  try {
    const { State } = await call(deadline, `look at the container of ${node}`, (abortSignal) =>
      container.inspect({ abortSignal }),
    );
    const startedAt = State.StartedAt;
    if (State.Paused) return { state: 'paused', detail: 'its container is paused', startedAt };
    if (State.Running) return { state: 'running', detail: 'its container runs', startedAt };
    const oom = State.OOMKilled ? ', killed for lack of memory' : '';
    const detail = `its container is ${State.Status}, exit code ${State.ExitCode}${oom}`;
    return { state: 'stopped', detail, startedAt };
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return { state: 'gone', detail: 'its container was removed', startedAt: '' };
  }
}
