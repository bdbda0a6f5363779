import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { call } from '../client/api-call';

/** See link-programs.sh, whose directory gives it its owner. */
const mountPoint = '/pg-cluster/exchange';

/**
 * A volume by which the nodes of a cluster pass snapshots on: what went through the engine's API would
 * take it longer, and it locks containers meanwhile. It is empty in between, since every node can
 * write there.
 */
export class Exchange {
  readonly #createVolume: (options: Docker.VolumeCreateOptions) => Promise<unknown>;
  readonly #name: string;
  readonly #labels: Record<string, string>;
  #made: Promise<unknown> | undefined;

  constructor(o: {
    createVolume: (options: Docker.VolumeCreateOptions) => Promise<unknown>;
    name: string;
    labels: Record<string, string>;
  }) {
    this.#createVolume = o.createVolume;
    this.#name = o.name;
    this.#labels = o.labels;
  }

  /** Makes it, unless it is there: Podman gives no labels to volumes that it makes by itself. */
  async make(deadline: Deadline): Promise<void> {
    const options = { Name: this.#name, Labels: this.#labels };
    this.#made ??= call(deadline, `make the volume ${this.#name}`, () =>
      this.#createVolume(options),
    );
    await this.#made;
  }

  /** What each node's container has to mount. */
  get mount(): Docker.MountSettings {
    return { Type: 'volume', Source: this.#name, Target: mountPoint };
  }
}
