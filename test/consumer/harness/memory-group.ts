import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/until';

const root = '/sys/fs/cgroup';

/** A control group of the kernel's: a process that takes more than `limitMb` in it is killed. */
export class MemoryGroup {
  readonly path: string;

  constructor(name: string, limitMb: number) {
    // The first where control groups are those of version 1.
    const versionOne = join(root, 'memory');
    const parent = existsSync(versionOne) ? versionOne : root;
    this.path = join(parent, name);
    mkdirSync(this.path);
    const limit = parent === root ? 'memory.max' : 'memory.limit_in_bytes';
    writeFileSync(join(this.path, limit), String(limitMb * 2 ** 20));
  }

  /** How many processes the kernel has killed in it. */
  get kills(): number {
    const events = ['memory.events', 'memory.oom_control'].map((name) => join(this.path, name));
    const text = readFileSync(events.find(existsSync) ?? '', 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Its processes have to end; those that are left keep it. */
  async remove(): Promise<void> {
    await until('the processes of the group to end', () => {
      return readFileSync(join(this.path, 'cgroup.procs'), 'utf8') === '';
    });
    rmdirSync(this.path);
  }
}
