import * as rules from '../../data-directory-rules';

/** The rules for data directories as variables of the shell; lists have a space between words. */
export function shellRules(): string {
  const variables = {
    OLDEST_MAJOR: String(rules.oldestMajor),
    INITDB_OPTIONS: rules.initdbOptions.join(' '),
    LOCALES: rules.locales.join(' '),
    NOT_COPIED: rules.notCopied.join(' '),
    EMPTY_IN_SNAPSHOT: rules.emptyInSnapshot.join(' '),
    MAKING_SETTINGS: asArguments(rules.makingSettings),
    END_OF_WAL_SQL: rules.endOfWalSql,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
  return `# Made of src/engine/data-directory-rules.ts.\n${lines.join('')}`;
}

function asArguments(settings: readonly string[]): string {
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
