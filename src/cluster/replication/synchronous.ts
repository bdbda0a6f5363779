import { type Deadline, poll } from '../../base/deadline';
import type { Node } from '../node';
import { changeSettings } from '../settings/node-settings';
import { nodeName } from '../shape';
import { walSenders } from './streaming';

/** What decides whether commits may wait for a node. */
export interface Confirmer {
  readonly name: string;
  /** Whether it is marked for that, by its shape. */
  readonly isMarked: boolean;
  /** Whether it is a slave: a former master is none until it has rejoined. */
  readonly isSlave: boolean;
  /** The name of the node that it is meant to stream from, by its shape. */
  readonly upstream: string | undefined;
}

/**
 * The names of the nodes that commits on `master` wait for. One that follows a former master, which
 * may be a slave by now, is among them: were it left out, and promoted next, it could lack what
 * clients were told is safe. One that is meant to stream from another slave is not: PostgreSQL does
 * not ask it.
 */
export function confirmersOf(master: string, nodes: readonly Confirmer[]): string[] {
  const slaves = nodes.filter(({ name, isSlave }) => isSlave && name !== master);
  // Who is meant to stream from the born master streams from whoever is master; see upstreamFor.
  const upstreams = slaves.map(({ name }) => name).filter((name) => name !== nodeName(0));
  const isCascade = ({ upstream }: Confirmer) => upstreams.some((name) => name === upstream);
  return slaves.filter((node) => node.isMarked && !isCascade(node)).map(({ name }) => name);
}

/** As many of `names` as were asked for, or all if there are not so many. */
export function synchronousStandbyNames(asked: number, names: readonly string[]): string {
  const count = Math.min(asked, names.length);
  return count > 0 ? `ANY ${count} (${names.join(', ')})` : '';
}

/** Sets the setting of a node that is master or will be; resolves to whether it had another value. */
export async function setSynchronousNames(
  node: Node,
  names: string,
  deadline: Deadline,
): Promise<boolean> {
  const [row] = await node.sql<{ now: string }>(
    `SELECT current_setting('synchronous_standby_names') AS now`,
    [],
    deadline,
  );
  if (row?.now === names) return false;
  await changeSettings(node, { synchronous_standby_names: names }, deadline);
  return true;
}

/**
 * Resolves once each sender of a master counts its slave as it should, and the slave that has just
 * become one of those that are waited for has all that was committed without it.
 */
export async function untilCounted(
  master: Node,
  names: readonly string[],
  joined: string | undefined,
  deadline: Deadline,
): Promise<void> {
  const [row] = await master.sql<{ lsn: string }>(
    'SELECT pg_current_wal_flush_lsn()::text AS lsn',
    [],
    deadline,
  );
  await poll({
    deadline,
    what: `${master.name} to count ${names.join(', ') || 'no slave'} as synchronous`,
    intervalMs: 3,
    look: async () => {
      const senders = await walSenders(master, deadline, row?.lsn);
      const wrong = senders.find(
        ({ slave, state, syncState, hasReceived }) =>
          state === 'streaming' &&
          ((syncState !== 'async') !== names.includes(slave) || (slave === joined && !hasReceived)),
      );
      return wrong
        ? {
            seen: `${wrong.slave} is ${wrong.syncState}${wrong.hasReceived ? '' : `, and lacks ${row?.lsn}`}`,
          }
        : { done: undefined };
    },
  });
}
