import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * dependency-cruiser, which holds the doors between the rooms of src/, reads no ES modules in
 * TypeScript (.mts): its rules for paths are applied to those here.
 */
interface Path {
  readonly path?: string | readonly string[];
  readonly pathNot?: string | readonly string[];
}
interface Rule {
  readonly name: string;
  readonly from: Path;
  readonly to: Path;
}
const { forbidden: rules } = require('../../.dependency-cruiser.cjs') as { forbidden: Rule[] };

const root = join(__dirname, '..', '..');
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mts'))
  .map((file) => join('src', file));

const problems = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import|import\()\s*'(\.[^']*)'/g)]
    .map(([, path = '']) => join(dirname(file), path).replace(/js$/, 'ts'))
    .flatMap((path) =>
      rules
        .filter(({ from, to }) => to.path !== undefined && isIn(from, file) && isIn(to, path))
        .map(({ name }) => `${name}: ${file} imports ${path}`),
    );
});

function isIn({ path, pathNot }: Path, file: string): boolean {
  const matches = (patterns: Path['path']) =>
    patterns !== undefined && [patterns].flat().some((one) => new RegExp(String(one)).test(file));
  return (path === undefined || matches(path)) && !matches(pathNot);
}

if (files.length === 0) problems.push('There are no .mts files: this rule has nothing to do.');
if (problems.length > 0) {
  process.stderr.write(`Rooms of src/ import what they may not:\n${problems.join('\n')}\n`);
  process.exitCode = 1;
}
