import { docker } from './docker/entry';
import { local } from './local/entry';
import type { Lacks, RegistryEntry } from './registry-entry';

/** Every engine there is, in the order in which 'auto' tries them. */
export const engines = [docker, local] as const;

/** What runs nodes. */
export type EngineKind = (typeof engines)[number]['kind'];

/** What any of them needs to know of the options. */
export type EngineOptions =
  OptionsOf<(typeof engines)[number]> extends (all: infer All) => void ? All : never;

/** One function for each entry: what suits them all is what has the options of all. */
type OptionsOf<Entry> =
  Entry extends RegistryEntry<string, infer Options> ? (options: Options) => void : never;

/** Whichever it is. */
export type AnyEngine = RegistryEntry<EngineKind, EngineOptions>;

export const engineKinds: readonly EngineKind[] = engines.map(({ kind }) => kind);

/** What each engine lacks. */
export const lacks = Object.fromEntries(engines.map((one) => [one.kind, one.lacks])) as Readonly<
  Record<EngineKind, Lacks>
>;

export function engineOf(kind: string): AnyEngine {
  const found = engines.find((one) => one.kind === kind);
  if (found) return found;
  throw new Error(`there is no engine ${kind}; there are ${engineKinds.join(', ')}`);
}
