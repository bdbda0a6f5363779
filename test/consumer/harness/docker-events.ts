import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { label } from '../../../src/engine/docker/image/labels';
import { until } from '../../support/until';

interface DockerEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** All that the engine does, written down while it happens: it remembers only its last events. */
export class DockerEvents {
  readonly #docker: Docker;
  readonly #stream: Readable;
  readonly #events: DockerEvent[] = [];
  #rest = '';

  private constructor(docker: Docker, stream: Readable) {
    this.#docker = docker;
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('utf8')).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#events.push(JSON.parse(line));
    });
  }

  static async open(docker = new Docker()): Promise<DockerEvents> {
    // The engine answers before it has subscribed us; `since` fills that gap.
    const since = Math.floor(Date.now() / 1000);
    const stream = await docker.getEvents({ since });
    return new DockerEvents(docker, stream as Readable);
  }

  /** Ids of the containers that these owners have made. */
  containersOf(owners: ReadonlySet<string>): Set<string> {
    const made = this.#events.filter(
      ({ Type, Action, Actor }) =>
        Type === 'container' &&
        Action === 'create' &&
        owners.has(Actor.Attributes[label.owner] ?? ''),
    );
    return new Set(made.map(({ Actor }) => Actor.ID));
  }

  /** Names of the volumes that these owners' containers had; volumes carry no label of ours. */
  volumesOf(owners: ReadonlySet<string>): Set<string> {
    const containers = this.containersOf(owners);
    const mounted = this.#events.filter(
      ({ Type, Action, Actor }) =>
        Type === 'volume' && Action === 'mount' && containers.has(Actor.Attributes.container ?? ''),
    );
    return new Set(mounted.map(({ Actor }) => Actor.ID));
  }

  /** Resolves once everything that has happened so far is written down. */
  async catchUp(): Promise<void> {
    const Name = `pg-cluster-test-${randomUUID()}`;
    await this.#docker.createVolume({ Name });
    await this.#docker.getVolume(Name).remove();
    await until('our own event to come back', () =>
      this.#events.some(({ Action, Actor }) => Action === 'destroy' && Actor.ID === Name),
    );
  }

  close(): void {
    this.#stream.destroy();
  }
}
