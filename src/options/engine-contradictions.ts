import { lacks } from '../engine/registry';
import { type OnlyOn, type OptionName, optionNames, optionTable } from './option-table';

/** An option that was given, and that one engine alone takes. */
export interface OneEngineOption extends OnlyOn {
  readonly name: OptionName;
}

/** Those of the options given that one engine alone takes, in the order of the table. */
export function forOneEngine(given: readonly string[]): OneEngineOption[] {
  return optionNames.flatMap((name) => {
    const { only } = optionTable[name];
    return only && given.includes(name) ? [{ name, ...only }] : [];
  });
}

/** Which of them are not for the engine that was asked for, or that another of them decides on. */
export function engineContradictions(
  engine: string,
  options: readonly OneEngineOption[],
): string[] {
  const decisive = options.filter(({ decides }) => decides);
  const last = decisive.at(-1);
  if (engine !== 'auto') {
    return options
      .filter((option) => option.engine !== engine)
      .map((option) => problem(option, engine, `engine is '${engine}'`));
  }
  return decisive
    .filter((option) => option.engine !== last?.engine)
    .map((option) => problem(option, last?.engine, `${last?.name} is for '${last?.engine}'`));
}

/** @param other the engine that will not do */
function problem(
  { name, engine, because, lacking }: OneEngineOption,
  other: string | undefined,
  but: string,
): string {
  const lack = lacking && Object.entries(lacks).find(([kind]) => kind === other)?.[1][lacking];
  const why = because ?? lack;
  return `${name} is for engine '${engine}', but ${but}${why === undefined ? '' : `: ${why}`}`;
}
