import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rules from '../../src/engine/data-directory-rules';
import { shellRules } from '../../src/engine/docker/image/shell-rules';

/** What a shell finds in a variable that rules.sh sets. */
function inShell(variable: string): string {
  const script = `set -eu\n${shellRules()}\nprintf %s "$${variable}"`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' });
}

test('the scripts of the images have the very rules that the local engine has', () => {
  expect(inShell('OLDEST_MAJOR')).toBe(String(rules.oldestMajor));
  expect(inShell('INITDB_OPTIONS').split(' ')).toEqual(rules.initdbOptions);
  expect(inShell('LOCALES').split(' ')).toEqual(rules.locales);
  expect(inShell('NOT_COPIED').split(' ')).toEqual(rules.notCopied);
  expect(inShell('EMPTY_IN_SNAPSHOT').split(' ')).toEqual(rules.emptyInSnapshot);
  expect(inShell('MAKING_SETTINGS')).toBe(`-c ${rules.makingSettings.join(' -c ')}`);
  expect(inShell('END_OF_WAL_SQL')).toBe(rules.endOfWalSql);
});

test('no script spells a rule itself, and each rule is used by one', () => {
  const folder = join(__dirname, '..', '..', 'dockerfiles');
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith('.sh'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const spelt = [
    '--encoding',
    '--wal-segsize',
    ...rules.makingSettings,
    'checkpoint_lsn',
    'backup_label.old',
    'pg_subtrans',
  ];
  expect(spelt.filter((text) => scripts.includes(text))).toEqual([]);
  const variables = shellRules().match(/^[A-Z_]+(?==)/gm) ?? [];
  expect(variables.filter((name) => !scripts.includes(`$${name}`))).toEqual([]);
});
