import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PgClusterError } from '../../base/errors';

/** A file in each folder that a reporter has made: of others nothing is removed or replaced. */
export const mark = '.jest-environment-pg-cluster';
const markText =
  'The reporter of jest-environment-pg-cluster has made this folder, and replaces what is in it.\n';

/** The name of a run's recordings: its label, how many shards there are, its process. */
export const recordingName = /^(all|\d+-of-(\d+))-(\d+)$/;

/** `2/3`, as given by `--shard`; null: all tests. */
export type Shard = string | null;

/** Where one run of Jest has its recordings and its page. */
export class ReportFolder {
  readonly #folder: string;
  readonly #shard: Shard;
  /** Where the recordings of this run are. */
  readonly recordings: string;

  /** @throws `ERR_PG_CLUSTER_OPTIONS` if the folder is somebody else's */
  constructor(folder: string, shard: Shard) {
    this.#folder = folder;
    this.#shard = shard;
    this.recordings = join(folder, 'recordings', `${this.#label}-${process.pid}`);
    this.#assertOurs();
  }

  /** Shards that run in one folder have a page each. */
  get page(): string {
    return join(this.#folder, this.#shard === null ? 'index.html' : `shard-${this.#label}.html`);
  }

  /** Makes it, and removes what former runs of the same tests have left. */
  begin(): void {
    this.#assertOurs();
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, mark), markText);
    const all = join(this.#folder, 'recordings');
    mkdirSync(all, { recursive: true });
    for (const name of readdirSync(all)) {
      if (this.#isReplaced(name)) rmSync(join(all, name), { recursive: true, force: true });
    }
    this.removePage();
    mkdirSync(this.recordings, { recursive: true });
  }

  writePage(html: string): void {
    writeFileSync(this.page, html);
  }

  removePage(): void {
    rmSync(this.page, { force: true });
  }

  /** Nothing of this run is to be kept; what other runs have left stays. */
  discard(): void {
    rmSync(this.recordings, { recursive: true, force: true });
    const others = join(this.#folder, 'recordings');
    if (!existsSync(others) || readdirSync(others).length > 0) return;
    rmSync(others, { recursive: true });
    if (readdirSync(this.#folder).every((name) => name === mark)) {
      rmSync(this.#folder, { recursive: true });
    }
  }

  get #label(): string {
    return this.#shard === null ? 'all' : this.#shard.replace('/', '-of-');
  }

  /** Another run may be under way, and other shards have run other tests. */
  #isReplaced(name: string): boolean {
    const [, label, of, pid] = recordingName.exec(name) ?? [];
    if (label === undefined) return false;
    if (Number(pid) !== process.pid && isRunning(Number(pid))) return false;
    return label === this.#label || of !== this.#shard?.split('/')[1];
  }

  #assertOurs(): void {
    const stat = statSync(this.#folder, { throwIfNoEntry: false });
    if (!stat) return;
    const names = stat.isDirectory() ? readdirSync(this.#folder) : undefined;
    if (names?.length === 0 || names?.includes(mark)) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_OPTIONS',
      `jest-environment-pg-cluster/reporter: ${this.#folder} is ${names ? 'a folder with files of others, which it would replace' : 'no folder'}. Let the option folder name one that is empty, or none yet`,
    );
  }
}

/** Whether there is such a process, whoever's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
