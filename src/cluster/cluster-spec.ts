import type { Settings } from '../postgres/settings';

/**
 * What one slave is like. `slaves: [{}, { upstream: 'pg1' }]` makes `pg1`, which streams from the
 * master `pg0`, and `pg2`, which streams from `pg1`.
 */
export interface SlaveOptions {
  /** The node that it streams from: the master or a slave that comes before it. @default 'pg0' */
  upstream?: string;
  /** It replays each commit this many milliseconds late (recovery_min_apply_delay). @default 0 */
  replayDelayMs?: number;
  /**
   * Whether commits may wait for it, where `synchronous` asks for some.
   * @default true if no slave is marked, else false
   */
  synchronous?: boolean;
  /** Whether a replication slot keeps its WAL for it while it is away. @default false */
  slot?: boolean;
  /** Settings of this node alone, over those of all. @default {} */
  settings?: Settings;
}

/** How a project's own migrations run, once for all clusters. */
export interface PrepareSpec {
  /** A command line for a shell, or the absolute path of a module. */
  readonly run: { readonly command: string } | { readonly script: string };
  /** Files that it depends on, relative to `directory`; undefined if nobody has said which. */
  readonly inputs: readonly string[] | undefined;
  /** How long it may take. */
  readonly timeoutMs: number;
  /** Where it runs. */
  readonly directory: string;
}

/** What every data directory of a cluster is made from. */
export interface TemplateSpec {
  /** PostgreSQL's major version; undefined: whatever the engine has. */
  readonly version: number | undefined;
  readonly database: string;
  /** The tests' role. */
  readonly user: string;
  /** Whether that role is a superuser; if not, it owns the database. */
  readonly superuser: boolean;
  /** Names of extensions that the database has. */
  readonly extensions: readonly string[];
  readonly settings: Settings;
  /** Absolute paths of SQL files, in the order in which they run. */
  readonly init: readonly string[];
  /** What runs after that. */
  readonly prepare: PrepareSpec | undefined;
}

/** What a cluster is asked to be. */
export interface ClusterSpec extends TemplateSpec {
  readonly slaves: readonly SlaveOptions[];
  /** How many of them have to confirm each commit. */
  readonly synchronous: number;
  /** That of the tests' role; undefined: a random one. */
  readonly password: string | undefined;
  /** The port of `pg0`, which the other nodes' ports follow; undefined: free ones. */
  readonly basePort: number | undefined;
  /** The address that the nodes listen on, if it is not one of this machine. */
  readonly publishOn: string | undefined;
  /** Whether a wire stands in front of the nodes. */
  readonly wire: boolean;
  /** Whether nodes speak TLS with clients, and with no others. */
  readonly tls: boolean | 'required';
  /** How many processes may start clusters at the same time. */
  readonly workers: number;
  /** How long the nodes may take until all slaves stream. */
  readonly startTimeoutMs: number;
}

/** What cannot be had together, a clause each. */
export function contradictions(spec: ClusterSpec): string[] {
  const { slaves, synchronous, basePort, tls } = spec;
  const problems: string[] = [];
  const marks = slaves.filter((slave) => slave.synchronous !== undefined);
  const willing = marks.length === 0 ? slaves : marks.filter((slave) => slave.synchronous);
  const asked = willing.filter(({ upstream }) => (upstream ?? 'pg0') === 'pg0');
  if (synchronous > willing.length) {
    problems.push(
      `synchronous is ${synchronous}, but ${marks.length === 0 ? `slaves is ${slaves.length}` : `only ${willing.length} slaves are marked synchronous`}: no commit could ever finish`,
    );
  } else if (synchronous > asked.length) {
    problems.push(
      `synchronous is ${synchronous}, but of the slaves that may confirm commits only ${asked.length} stream from the master, and PostgreSQL waits for no others`,
    );
  }
  if (basePort !== undefined && basePort + slaves.length > 65_535) {
    problems.push(
      `basePort is ${basePort}: with ${slaves.length} slaves the last port would be over 65535`,
    );
  }
  const own = tls === false ? [] : tlsSettings.filter((name) => givenIn(spec).includes(name));
  if (own.length > 0) {
    problems.push(`tls is ${JSON.stringify(tls)}, so settings cannot have ${own.join(', ')}`);
  }
  return problems;
}

/** Those that the option `tls` makes. */
const tlsSettings = ['ssl', 'ssl_cert_file', 'ssl_key_file'];

function givenIn({ settings, slaves }: ClusterSpec): string[] {
  const all = [settings, ...slaves.map((slave) => slave.settings ?? {})];
  return all.flatMap((some) => Object.keys(some).map((name) => name.toLowerCase()));
}
