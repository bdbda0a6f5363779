import type { PgClusterErrorCode } from '../../src/base/errors';

/** For `toMatchObject`: an error of ours with this code, and a message like this. */
export function failure(code: Short<PgClusterErrorCode>, message: RegExp | string) {
  return {
    code: `ERR_PG_CLUSTER_${code}`,
    message:
      typeof message === 'string'
        ? expect.stringContaining(message)
        : expect.stringMatching(message),
  };
}

type Short<Code> = Code extends `ERR_PG_CLUSTER_${infer Rest}` ? Rest : never;
