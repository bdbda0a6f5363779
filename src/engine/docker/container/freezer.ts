import type Docker from 'dockerode';
import { type Deadline, poll, seenAs } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import { exec } from './exec';

/**
 * Sends the signal `$1` to the server and all its descendants, until each of them is dead, or in
 * one of the states `$2`. The server comes first, so that it starts no more of them.
 */
const signalScript = `read -r server </pg-cluster/run/server || exit 1
state_of() {
  line=
  read -r line 2>/dev/null <"/proc/$1/stat" || :
  set -- \${line##*) }
  state=\${1:-X}
  parent=\${2:-}
}
left=$server
tries=0
while [ -n "$left" ]; do
  kill "-$1" $left 2>/dev/null
  family=" $server "
  grown=yes
  while [ -n "$grown" ]; do
    grown=
    for process in /proc/[0-9]*; do
      pid=\${process#/proc/}
      case $family in *" $pid "*) continue ;; esac
      state_of "$pid"
      case $family in *" \${parent:-none} "*) family="$family$pid " grown=yes ;; esac
    done
  done
  left=
  for pid in $family; do
    state_of "$pid"
    case "ZX$2" in *"$state"*) ;; *) left="$left $pid" ;; esac
  done
  tries=$((tries + 1))
  if [ $tries -ge 300 ]; then echo "processes$left did not take the signal"; exit 1; fi
  [ -z "$left" ] || sleep 0.01
done`;

/** Freezes and thaws the server of one container. */
export class Freezer {
  readonly #name: string;
  readonly #container: Docker.Container;
  /** In which run of the container the server's processes were stopped one by one. */
  #stoppedIn: string | undefined;

  constructor(o: { name: string; container: Docker.Container }) {
    this.#name = o.name;
    this.#container = o.container;
  }

  /** The engine freezes it; where it cannot, as without root and cgroup v2, SIGSTOP does. */
  async freeze(deadline: Deadline): Promise<void> {
    try {
      await this.#pauseContainer(deadline);
    } catch (error) {
      if (!/cgroup|freezer/i.test(messageOf(error))) throw error;
      await this.#stopProcesses(messageOf(error), deadline);
    }
  }

  async thaw(deadline: Deadline): Promise<void> {
    if (this.#stoppedIn !== undefined) {
      await this.#signal('CONT', 'RSDIW', deadline);
      this.#stoppedIn = undefined;
      return;
    }
    await call(deadline, `unpause the container of ${this.#name}`, (abortSignal) =>
      this.#container.unpause({ abortSignal }),
    );
  }

  /** Whether the server's processes were stopped in the run that began then. */
  hasStopped(startedAt: string): boolean {
    if (this.#stoppedIn !== startedAt) this.#stoppedIn = undefined;
    return this.#stoppedIn !== undefined;
  }

  /** A container cannot be frozen while a program is just being started in it: that passes. */
  async #pauseContainer(deadline: Deadline): Promise<void> {
    await poll({
      deadline,
      what: `the container of ${this.#name} to be paused`,
      intervalMs: 20,
      look: async () => {
        try {
          await call(deadline, `pause the container of ${this.#name}`, (abortSignal) =>
            this.#container.pause({ abortSignal }),
          );
          return { done: undefined };
        } catch (error) {
          // runc, with cgroup v1.
          if (!/unable to freeze/.test(messageOf(error))) throw error;
          return seenAs(error);
        }
      },
    });
  }

  async #stopProcesses(why: string, deadline: Deadline): Promise<void> {
    const { State } = await call(
      deadline,
      `look at the container of ${this.#name}`,
      (abortSignal) => this.#container.inspect({ abortSignal }),
    );
    try {
      await this.#signal('STOP', 'Tt', deadline);
    } catch (error) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_UNSUPPORTED',
        `${this.#name} cannot be paused: ${why}; nor could its processes be stopped by a signal: ${messageOf(error)}`,
        { cause: error },
      );
    }
    this.#stoppedIn = State.StartedAt;
  }

  async #signal(signal: 'STOP' | 'CONT', states: string, deadline: Deadline): Promise<void> {
    const what = `send SIG${signal} to the server of ${this.#name}`;
    const command = ['sh', '-c', signalScript, 'sh', signal, states];
    const { exitCode, output } = await exec(this.#container, { command, what }, deadline);
    if (exitCode === 0) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `could not ${what}: the command ended with ${exitCode}: ${output}`,
    );
  }
}
