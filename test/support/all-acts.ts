import type Docker from 'dockerode';
import type { PgCluster } from '../../src/handle/pg-cluster';

/** Those of the README's table of engines, by the titles of its columns. */
export const acts: Readonly<
  Record<string, (at: { pgCluster: PgCluster; docker: Docker }) => Promise<void>>
> = require('./acts');

/** What a cluster needs for all of them. */
export const forActs = { slaves: 1, diskLimitMb: 96 };
