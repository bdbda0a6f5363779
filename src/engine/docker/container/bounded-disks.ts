import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import type { ClusterImages } from '../image/template-images';
import { exec } from './exec';
import type { MakeContainer } from './run-beside';

/** Where a node's disk is mounted; start-node.sh moves the data there. */
const mountPoint = '/pg-cluster/bounded/base';

/** Base backups leave out files with such a name. */
const filler = 'pgsql_tmp.filler';

/** How `fillScript` ends when the disk holds more than it should. */
const unbounded = 64;
/**
 * `$2` is the limit in MB. Nothing is written unless the disk is seen to have this bound, rounded
 * up to whole pages: otherwise the engine's own disk would be filled, or all its memory.
 */
const fillScript = `set -- "$1" "$2" $(df -Pk "$1" | tail -n 1)
if ! [ "$4" -le $(($2 * 1024 + 1024)) ]; then echo "$4"; exit ${unbounded}; fi
head -c "$(($2 * 1048576))" /dev/zero 2>/dev/null >>"$1/${filler}"
if echo more 2>/dev/null >"$1/pgsql_tmp.more"; then df -k "$1"; exit 1; fi
rm -f "$1/pgsql_tmp.more"`;

/**
 * The size of a page of memory on nearly every machine; where it is larger, `fillScript` sees it.
 */
const pageBytes = 4096;

/** Not by `size=`, which Podman ignores, or takes for a quota of its disk. */
function bounds(limitMb: number): Record<string, string> {
  const blocks = (limitMb * 1024 * 1024) / pageBytes;
  return { type: 'tmpfs', device: 'tmpfs', o: `nr_blocks=${blocks},mode=1777` };
}

/** The disk of one node. */
export interface NodeDisk {
  hold(deadline: Deadline): Promise<void>;
  fill(deadline: Deadline): Promise<void>;
  free(deadline: Deadline): Promise<void>;
}

/**
 * Bounded disks for the data directories of a cluster's nodes: volumes in memory (tmpfs), the only
 * kind that has bounds on every engine. They are made before they are mounted, since Podman would
 * give them no labels otherwise. A separate container holds them: a volume that nobody uses would
 * be unmounted, and lost, whenever its node stops.
 */
export class BoundedDisks {
  readonly #createVolume: (options: Docker.VolumeCreateOptions) => Promise<unknown>;
  readonly #limitMb: number;
  readonly #prefix: string;
  readonly #labels: Record<string, string>;
  readonly #create: MakeContainer;
  readonly #nodes = new Set<string>();
  /** By node. */
  readonly #holders = new Map<string, Promise<Docker.Container>>();

  constructor(o: {
    createVolume: (options: Docker.VolumeCreateOptions) => Promise<unknown>;
    limitMb: number;
    prefix: string;
    labels: Record<string, string>;
    create: MakeContainer;
  }) {
    this.#createVolume = o.createVolume;
    this.#limitMb = o.limitMb;
    this.#prefix = o.prefix;
    this.#labels = o.labels;
    this.#create = o.create;
  }

  /** Makes a node's disk, unless it is there. */
  async make(node: string, deadline: Deadline): Promise<void> {
    this.#nodes.add(node);
    await call(deadline, `make the disk of ${node}`, () =>
      this.#createVolume({
        Name: this.#volumeOf(node),
        Labels: this.#labels,
        DriverOpts: bounds(this.#limitMb),
      }),
    );
  }

  /** What a node's container has to mount. */
  mountOf(node: string): Docker.MountSettings {
    return this.#mount(node, mountPoint);
  }

  /**
   * Makes sure that a container holds a node's disk; the first one holds all disks known by then.
   */
  async hold(node: string, images: ClusterImages, deadline: Deadline): Promise<void> {
    if (!this.#holders.has(node)) {
      const free = [...this.#nodes].filter((name) => !this.#holders.has(name));
      const holder = this.#startHolder(free, images, deadline);
      for (const name of free) this.#holders.set(name, holder);
      holder.catch(() => {
        for (const name of free) this.#holders.delete(name);
      });
    }
    await this.#holders.get(node);
  }

  /**
   * Leaves no room on a node's disk; again, if something has been freed since.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` when the engine has given it no bounds
   */
  async fill(node: string, deadline: Deadline): Promise<void> {
    await this.#run(node, 'fill', fillScript, deadline);
  }

  /** Gives back what `fill` took. */
  async free(node: string, deadline: Deadline): Promise<void> {
    await this.#run(node, 'free', `rm -f "$1/${filler}"`, deadline);
  }

  /** In the holder, which runs whatever the node does. */
  async #run(node: string, verb: string, script: string, deadline: Deadline): Promise<void> {
    const holder = await this.#holders.get(node);
    if (!holder) throw new Error(`nothing holds the disk of ${node}`);
    const what = `${verb} the disk of ${node}`;
    const command = ['sh', '-c', script, 'sh', `/disks/${node}`, String(this.#limitMb)];
    const { exitCode, output } = await exec(holder, { command, what }, deadline);
    if (exitCode === 0) return;
    if (exitCode === unbounded) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_UNSUPPORTED',
        `the disk of ${node} cannot be filled: diskLimitMb is ${this.#limitMb}, but the engine has made one that holds ${Math.round(Number(output) / 1024)} MB, so it does not bound volumes in memory (tmpfs); nothing was written`,
      );
    }
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not ${what}: the command ended with ${exitCode}: ${output}`,
    );
  }

  async #startHolder(
    nodes: readonly string[],
    images: ClusterImages,
    deadline: Deadline,
  ): Promise<Docker.Container> {
    const what = 'make the container that holds the disks';
    const options: Docker.ContainerCreateOptions = {
      Image: images.master,
      Entrypoint: ['sleep', '2147483647'],
      Cmd: [],
      HostConfig: {
        NetworkMode: 'none',
        Mounts: nodes.map((node) => this.#mount(node, `/disks/${node}`)),
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        LogConfig: { Type: 'json-file', Config: {} },
        Tmpfs: Object.fromEntries(images.volumes.map((path) => [path, 'size=1m'])),
      },
    };
    const holder = await this.#create(options, what, deadline);
    await call(deadline, what, (abortSignal) => holder.start({ abortSignal }));
    return holder;
  }

  #mount(node: string, target: string): Docker.MountSettings {
    return {
      Type: 'volume',
      Source: this.#volumeOf(node),
      Target: target,
      VolumeOptions: {
        NoCopy: true,
        Labels: this.#labels,
        DriverConfig: { Name: 'local', Options: {} },
      },
    };
  }

  #volumeOf(node: string): string {
    return `${this.#prefix}-${node}`;
  }
}
