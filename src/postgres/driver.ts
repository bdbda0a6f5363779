import type * as Pg from 'pg';

/**
 * node-postgres, which is loaded with the first connection: servers are starting then, so nobody
 * waits for it.
 */
export const pg = (): typeof Pg => require('pg');
