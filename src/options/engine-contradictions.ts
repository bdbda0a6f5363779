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
      .map((option) => problem(option, `engine is '${engine}'`));
  }
  return decisive
    .filter((option) => option.engine !== last?.engine)
    .map((option) => problem(option, `${last?.name} is for '${last?.engine}'`));
}

function problem({ name, engine, because }: OneEngineOption, but: string): string {
  return `${name} is for engine '${engine}', but ${but}${because === undefined ? '' : `: ${because}`}`;
}
