import { boolean, expected, oneOf, type Rule, text, wholeNumber } from '../base/value-rules';
import type { SlaveOptions } from '../cluster/cluster-spec';
import { reservedRoles } from '../cluster/node/database-roles';
import { prepareRule } from '../cluster/prepare/prepare-rule';
import { extensionsRule } from '../cluster/settings/extensions';
import { settingsRule } from '../cluster/settings/settings-rule';
import { slavesRule } from '../cluster/settings/slave-rules';
import { oldestMajor } from '../engine/data-directory-rules';
import type { Feature } from '../engine/engine-errors';
import { type EngineKind, engineKinds } from '../engine/registry';
import { folderRule, sqlFilesRule } from './path-rules';
import type { PgClusterOptions } from './pg-cluster-options';
import { addressRule, hostsRule, nameRule, passwordRule } from './url-part-rules';

export type OptionName = keyof PgClusterOptions;

/** All that has to be said of an option: a new one is a line here, and a type with its TSDoc. */
interface Option<Value = unknown> {
  /** What it takes. */
  readonly rule: Rule<Value>;
  /**
   * What it is when it is left out: a value that users could give; undefined; or a function of the
   * other options. For the last two there are words, as README and TSDoc have them.
   */
  readonly default: Value | undefined | ((others: never) => Value | undefined);
  readonly inWords?: string;
  /**
   * What another value changes: the template that data directories are made from, and so the
   * cluster; the cluster alone; or only what is done with it for the tests, so that one cluster can
   * serve test files with different values.
   */
  readonly changes: 'template' | 'cluster' | 'tests';
  /** Left out: every engine takes it. */
  readonly only?: OnlyOn;
}

export interface OnlyOn {
  readonly engine: EngineKind;
  /** Whether it makes engine 'auto' this one; otherwise it has no effect where 'auto' is another. */
  readonly decides: boolean;
  /** Why it is not for other engines, or what is there. */
  readonly because?: string;
  /** What the other engines lack; each says why. */
  readonly lacking?: Feature;
}

const defaultVersion = 17;

const tlsRule: Rule<boolean | 'required'> = (value) =>
  typeof value === 'boolean' || value === 'required'
    ? { value }
    : expected("true, false or 'required'", value);

/** A line for each option. The types of their values are derived from it. */
const table = {
  engine: { rule: oneOf('auto', ...engineKinds), default: 'auto', changes: 'cluster' },
  slaves: { rule: slavesRule, default: 2, changes: 'cluster' },
  synchronous: {
    rule: wholeNumber(0, 15),
    default: ({ slaves }: { slaves: readonly SlaveOptions[] }) =>
      slaves.filter(({ synchronous }) => synchronous).length,
    inWords: '0, or how many slaves are marked synchronous',
    changes: 'cluster',
  },
  version: {
    rule: wholeNumber(oldestMajor, 99),
    default: ({ image, binDir }: { image?: string; binDir?: string }) =>
      image === undefined && binDir === undefined ? defaultVersion : undefined,
    inWords: `${defaultVersion}, or what image or binDir carries`,
    changes: 'template',
  },
  image: {
    rule: text(255, /^[^\s]+$/, 'a non-empty string without white space'),
    default: undefined,
    inWords: 'postgres:<version>',
    changes: 'cluster',
    only: { engine: 'docker', decides: true, lacking: 'images' },
  },
  platform: {
    rule: text(50, /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, "such as 'linux/amd64'"),
    default: undefined,
    inWords: "the engine's own",
    changes: 'cluster',
    only: { engine: 'docker', decides: true, lacking: 'images' },
  },
  dockerHosts: {
    rule: hostsRule,
    default: undefined,
    inWords: 'the engine that docker would use',
    changes: 'cluster',
    only: { engine: 'docker', decides: true },
  },
  publishOn: {
    rule: addressRule,
    default: undefined,
    inWords: "'127.0.0.1'",
    changes: 'cluster',
    only: { engine: 'docker', decides: true },
  },
  diskLimitMb: {
    rule: wholeNumber(64, 65_536),
    default: undefined,
    inWords: 'no limit',
    changes: 'cluster',
    only: { engine: 'docker', decides: true, lacking: 'disk faults' },
  },
  binDir: {
    rule: folderRule,
    default: undefined,
    inWords: 'an npm package, or where distributions put them',
    changes: 'cluster',
    only: { engine: 'local', decides: true },
  },
  cacheDir: {
    rule: folderRule,
    default: undefined,
    inWords: "the user's cache directory",
    changes: 'cluster',
  },
  tls: { rule: tlsRule, default: false, changes: 'cluster' },
  wire: { rule: boolean, default: true, changes: 'cluster' },
  dataLimitMb: {
    rule: wholeNumber(64, 1_048_576),
    default: undefined,
    inWords: 'a share of what is free',
    changes: 'cluster',
    only: {
      engine: 'local',
      decides: false,
      because: "containers have their data on the engine's disk, where diskLimitMb bounds them",
    },
  },
  // pg reads a URL's path with decodeURI, which cannot give these two back.
  database: { rule: nameRule(/[?#]/), default: 'testsuite', changes: 'template' },
  user: { rule: nameRule(undefined, reservedRoles), default: 'testsuite', changes: 'template' },
  password: {
    rule: passwordRule,
    default: undefined,
    inWords: 'a random one for each file',
    changes: 'cluster',
  },
  superuser: { rule: boolean, default: false, changes: 'template' },
  extensions: { rule: extensionsRule, default: [], changes: 'template' },
  settings: { rule: settingsRule, default: {}, changes: 'template' },
  init: { rule: sqlFilesRule, default: [], changes: 'template' },
  prepare: { rule: prepareRule, default: undefined, inWords: 'nothing', changes: 'template' },
  basePort: {
    rule: wholeNumber(1, 65_535),
    default: undefined,
    inWords: 'free ports',
    changes: 'cluster',
  },
  lifetime: { rule: oneOf('file', 'worker'), default: 'file', changes: 'tests' },
  isolation: { rule: oneOf('file', 'test'), default: 'file', changes: 'tests' },
  spareServers: { rule: boolean, default: true, changes: 'tests' },
  staleReads: { rule: boolean, default: false, changes: 'tests' },
  heal: { rule: boolean, default: true, changes: 'tests' },
  logs: { rule: oneOf('on-failure', 'always', 'never'), default: 'on-failure', changes: 'tests' },
  // It has no effect any more.
  networkFaults: {
    rule: boolean,
    default: undefined,
    inWords: 'no effect',
    changes: 'tests',
  },
  startTimeoutMs: { rule: wholeNumber(1, 3_600_000), default: 60_000, changes: 'cluster' },
} as const satisfies {
  readonly [Name in OptionName]: Option<NonNullable<PgClusterOptions[Name]>>;
};

export const optionNames = Object.keys(table) as readonly OptionName[];

/** The same for whoever does not need to know which option a line is about. */
export const optionTable: Readonly<Record<OptionName, Option>> = table;

/** What a line's rule gives, and undefined where its default may be that. */
type ValueOf<Line> = Line extends { rule: Rule<infer Value>; default: infer Default }
  ? Value | Extract<Default extends (...args: never[]) => infer Made ? Made : Default, undefined>
  : never;

/** Those whose value makes no other cluster. */
export type TestsOption = {
  [Name in OptionName]: (typeof table)[Name]['changes'] extends 'tests' ? Name : never;
}[OptionName];

/** A valid value for each option, which is its default if it was left out. */
export type OptionValues = {
  readonly [Name in keyof PgClusterOptions]-?: ValueOf<(typeof table)[Name]>;
};
