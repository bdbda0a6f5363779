import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { Deadline, poll } from '../../src/base/deadline';
import { aptInstall, systemEnv } from './debian';

/** A network namespace, for an engine whose bridges and rules would meet those of another one. */
export class OwnNetwork {
  /** A process that keeps it there. */
  readonly #keeper: ChildProcess;
  #uplink: ChildProcess | undefined;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
  }

  static async create(): Promise<OwnNetwork> {
    if (!existsSync('/sbin/ip')) await aptInstall(['iproute2']);
    // It ends with us, however we end: then nothing writes to it any more.
    const keeper = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const networkOf = (pid: unknown) => readlinkSync(`/proc/${pid}/ns/net`);
    // Until then, to enter its network is to enter ours.
    await poll({
      deadline: Deadline.in(10_000),
      what: 'a network of its own',
      intervalMs: 10,
      look: async () =>
        keeper.pid !== undefined && networkOf(keeper.pid) !== networkOf('self')
          ? { done: undefined }
          : { seen: 'ours' },
    });
    const network = new OwnNetwork(keeper);
    const [command = '', ...args] = network.via;
    execFileSync(command, [...args, 'ip', 'link', 'set', 'lo', 'up'], { env: systemEnv() });
    return network;
  }

  /** A process that has it. */
  get pid(): number {
    return this.#keeper.pid ?? 0;
  }

  /** Runs a command in it, in its own place. */
  get via(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--'];
  }

  /** Lets programs there reach what our machine can, but nothing on its loopback. */
  async connect(): Promise<void> {
    if (!existsSync('/usr/bin/slirp4netns')) await aptInstall(['slirp4netns']);
    // It ends with us, too.
    const options = ['--configure', '--disable-host-loopback', '--disable-dns', '--exit-fd=0'];
    const uplink = spawn('slirp4netns', [...options, String(this.pid), 'tap0'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: systemEnv(),
    });
    this.#uplink = uplink;
    await poll({
      deadline: Deadline.in(10_000),
      what: 'a way out of that network',
      intervalMs: 20,
      look: async () => {
        if (uplink.exitCode !== null) throw new Error(`slirp4netns ended: ${uplink.exitCode}`);
        const routes = readFileSync(`/proc/${this.pid}/net/route`, 'utf8');
        return routes.includes('tap0') ? { done: undefined } : { seen: 'none' };
      },
    });
  }

  /** It is gone with the last process that has it. */
  end(): void {
    this.#uplink?.kill('SIGKILL');
    this.#keeper.kill('SIGKILL');
  }
}
