import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Folders of tests do not import each other: what several need is in `support`, or below that in
 * `engine`. dependency-cruiser, which guards src/, cannot read `await using`.
 */
const forAll = ['support', 'engine'];
/** Projects of their own, which others run. */
const projects = /^(consumer\/projects|bench\/suite|demo\/project)\//;

const root = join(__dirname, '..');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll(sep, '/'))
  .filter((file) => /\.(ts|js|cjs)$/.test(file) && !projects.test(file));

const problems = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)]
    .map(([, path = '']) => relative(root, join(root, dirname(file), path)).replaceAll(sep, '/'))
    .filter((path) => isForbidden(folderOf(file), path))
    .map((path) => `test/${file} imports test/${path}`);
});

function isForbidden(from: string, path: string): boolean {
  const to = folderOf(path);
  // Above test/ is src/, and beside the folders the configuration of all.
  if (to === '..' || to === '' || to === from) return false;
  return from === 'engine' || !forAll.includes(to);
}

function folderOf(path: string): string {
  // `../engine` names a folder, and means its index.
  return path.includes('/') || forAll.includes(path) ? (path.split('/')[0] ?? '') : '';
}

if (problems.length > 0) {
  process.stderr.write(`Folders of tests import each other:\n${problems.join('\n')}\n`);
  process.exitCode = 1;
}
