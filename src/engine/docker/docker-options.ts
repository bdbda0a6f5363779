/**
 * What this engine needs to know of the options. In a file of its own, since the package's types lead
 * here: they must not lead on to dockerode's, which users do not have.
 */
export interface DockerOptions {
  /** That of the official image, if there is no `image`. */
  readonly version: number | undefined;
  readonly image: string | undefined;
  readonly diskLimitMb: number | undefined;
  /** The address that nodes listen on; undefined: this machine's own, where the engine has to be. */
  readonly publishOn: string | undefined;
}
