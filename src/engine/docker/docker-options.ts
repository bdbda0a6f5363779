/**
 * What this engine needs of the options. The package's types lead to this file, and must not lead
 * on to dockerode's, which users do not have.
 */
export interface DockerOptions {
  /** Of the official image, if there is no `image`. */
  readonly version: number | undefined;
  readonly image: string | undefined;
  readonly platform: string | undefined;
  /** Where engines are; undefined: where `docker` would find one. */
  readonly dockerHosts: readonly string[] | undefined;
  readonly diskLimitMb: number | undefined;
  /**
   * The address that nodes listen on. If undefined, it is this machine's own, and so must the
   * engine be.
   */
  readonly publishOn: string | undefined;
  /** How many processes of this run have clusters at the same time. */
  readonly workers: number;
}
