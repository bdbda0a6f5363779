/**
 * Every error of this package carries one of these codes.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_PG_CLUSTER_OPTIONS` | bad options; nothing was started |
 * | `ERR_PG_CLUSTER_NO_ENGINE` | no engine that runs nodes could be reached, or nodes listen where this process cannot connect |
 * | `ERR_PG_CLUSTER_ENGINE` | the engine refused or failed a request |
 * | `ERR_PG_CLUSTER_IMAGE` | a base image could not be pulled, or an image could not be built |
 * | `ERR_PG_CLUSTER_PREPARE` | what the option `prepare` runs has failed, or left what no cluster can be born with |
 * | `ERR_PG_CLUSTER_START` | the cluster, or a slave added to it, could not be started |
 * | `ERR_PG_CLUSTER_PORT_IN_USE` | a requested port is taken |
 * | `ERR_PG_CLUSTER_TIMEOUT` | something did not happen before its deadline |
 * | `ERR_PG_CLUSTER_STATE` | the node's role or state does not allow the call |
 * | `ERR_PG_CLUSTER_ARGUMENT` | a method was called with an argument it cannot take |
 * | `ERR_PG_CLUSTER_UNSUPPORTED` | the image or the engine lacks what the call needs |
 * | `ERR_PG_CLUSTER_LIMIT` | a node was stopped because its data took more than `dataLimitMb` allows |
 * | `ERR_PG_CLUSTER_HEAL` | the cluster could not be healed |
 * | `ERR_PG_CLUSTER_RESET` | the cluster could not be reset, or restored to a snapshot |
 * | `ERR_PG_CLUSTER_CLOSED` | the handle was used after teardown |
 */
export type PgClusterErrorCode =
  | 'ERR_PG_CLUSTER_OPTIONS'
  | 'ERR_PG_CLUSTER_NO_ENGINE'
  | 'ERR_PG_CLUSTER_ENGINE'
  | 'ERR_PG_CLUSTER_IMAGE'
  | 'ERR_PG_CLUSTER_PREPARE'
  | 'ERR_PG_CLUSTER_START'
  | 'ERR_PG_CLUSTER_PORT_IN_USE'
  | 'ERR_PG_CLUSTER_TIMEOUT'
  | 'ERR_PG_CLUSTER_STATE'
  | 'ERR_PG_CLUSTER_ARGUMENT'
  | 'ERR_PG_CLUSTER_UNSUPPORTED'
  | 'ERR_PG_CLUSTER_LIMIT'
  | 'ERR_PG_CLUSTER_HEAL'
  | 'ERR_PG_CLUSTER_RESET'
  | 'ERR_PG_CLUSTER_CLOSED';

/** Shared by every copy of this package: each test's sandbox loads its own copy. */
const brand = Symbol.for('jest-environment-pg-cluster.error');

/**
 * What this package throws. In tests it is an instance of this class and of the tests' own `Error`.
 *
 * The message says all that matters, since a Jest worker passes on only `message`, `stack` and
 * `code`.
 *
 * @example
 * await expect(pgCluster.slaves[0].readOnly()).rejects.toThrow(PgClusterError);
 * await expect(pgCluster.slaves[0].readOnly()).rejects.toMatchObject({
 *   code: 'ERR_PG_CLUSTER_STATE',
 * });
 */
export class PgClusterError extends Error {
  readonly code: PgClusterErrorCode;

  constructor(code: PgClusterErrorCode, message: string, options?: { cause?: unknown }) {
    super(withoutPasswords(message), options);
    this.name = 'PgClusterError';
    this.code = code;
    // Jest shows an error by its stack. Node's own errors have their code in there, too.
    if (this.stack) this.stack = this.stack.replace(/^\w+/, `${this.name} [${code}]`);
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** Messages end up in CI logs, which anyone may read. */
function withoutPasswords(text: string): string {
  return text.replace(/(postgres(?:ql)?:\/\/[^:@/\s]*:)[^@/\s]*@/g, '$1***@');
}

/** The `code` of anything thrown, whether by this package or not. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The message of anything thrown, on one line. Several causes (of a dual-stack connect) are joined.
 */
export function messageOf(error: unknown): string {
  if (isError(error) && 'errors' in error && Array.isArray(error.errors) && error.errors[0]) {
    return error.errors.map(messageOf).join('; ');
  }
  const text = isError(error) ? error.message || error.name : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** True for errors of other realms, too, such as those of tests. */
function isError(error: unknown): error is Error {
  if (typeof error !== 'object' || error === null) return false;
  return 'message' in error && typeof error.message === 'string' && 'name' in error;
}
