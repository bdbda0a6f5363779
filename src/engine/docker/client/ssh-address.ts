/** How to log in where an engine is. What is not told is up to the user's own configuration of ssh. */
export interface SshAddress {
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  /** The engine's socket there, if it is not the usual one. */
  readonly socketPath: string | undefined;
}

/** For people. */
export function sshName({ host, port, user }: SshAddress): string {
  return `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`;
}

/**
 * For the program ssh: logs in with the user's own keys, agent, configuration and known hosts, as
 * `docker` does. Nobody can be asked here, so an unknown host is refused, unless that configuration
 * says otherwise.
 */
export function sshArguments(
  { host, port, user }: SshAddress,
  more: readonly string[],
  command: string,
): string[] {
  return [
    '-T',
    ...['-o', 'BatchMode=yes'],
    ...['-o', 'ConnectTimeout=30'],
    // What the configuration says of these is for people.
    ...['-o', 'ClearAllForwardings=yes'],
    ...['-o', 'ControlPersist=no'],
    ...more,
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', host, command],
  ];
}

/** Joins its standard input and output to the engine's socket there. */
export function dialStdio({ socketPath }: SshAddress): string {
  const at = (option: string) =>
    socketPath === undefined ? '' : ` ${option} unix://${quoted(socketPath)}`;
  const docker = `exec docker${at('--host')} system dial-stdio`;
  const podman = `exec podman${at('--url')} system dial-stdio`;
  return `sh -c ${quoted(`if command -v docker >/dev/null 2>&1 || ! command -v podman >/dev/null 2>&1; then ${docker}; else ${podman}; fi`)}`;
}

/** One word for a shell. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
