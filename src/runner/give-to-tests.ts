import type { Realm } from '../base/realm';
import type { Cluster } from '../cluster/cluster';
import { handleOf } from '../handle/cluster-handle';
import { connectionVariables } from '../handle/connection-variables';
import { testStartedAt } from './matchers/test-started-at';

/** Where tests find their cluster. */
export interface TestsWorld {
  readonly global: object;
  readonly env: NodeJS.ProcessEnv;
  readonly realm: Realm;
}

/**
 * Gives the tests of a file the handle and the URLs of its cluster: globals, and variables.
 * @returns what takes them back, for a world that outlives the file
 */
export function giveToTests(cluster: Cluster, { global, env, realm }: TestsWorld): () => void {
  const handle = handleOf(cluster, realm);
  Object.defineProperty(global, testStartedAt, {
    get: () => cluster.faults.testStartedAt,
    configurable: true,
  });
  const variables = connectionVariables(cluster, handle);
  const { PG_WRITER_URL, PG_READER_URL } = variables;
  const takeBack = assign(global, {
    ...(PG_WRITER_URL !== undefined && { PG_WRITER_URL, PG_READER_URL }),
    pgCluster: handle,
    PG_MASTER_URL: handle.masterUrl,
    PG_SLAVE_URLS: realm.adopt([...handle.slaveUrls]),
  });
  const unset = assign(env, variables);
  return () => {
    takeBack();
    unset();
    Reflect.deleteProperty(global, testStartedAt);
  };
}

/** @returns what makes the properties what they were */
function assign(target: object, values: Readonly<Record<string, unknown>>): () => void {
  const former = Object.keys(values).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  Object.assign(target, values);
  return () => {
    for (const [name, property] of former) {
      if (property) Object.defineProperty(target, name, property);
      else Reflect.deleteProperty(target, name);
    }
  };
}
