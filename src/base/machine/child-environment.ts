/** Options that may be needed to load this package and its dependencies (with Yarn PnP, say). */
const loading = [
  '--require',
  '-r',
  '--import',
  '--loader',
  '--experimental-loader',
  '--conditions',
  '-C',
];
const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];

/**
 * The environment for a process of ours. Of NODE_OPTIONS it keeps only what loads code: two
 * processes cannot listen on the same debugger port, and limits meant for tests are not meant for
 * others. The process has to start in our working directory, since names may be relative to it.
 */
export function childEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...rest } = env;
  const kept = loadingOptions(NODE_OPTIONS ?? '');
  return kept === '' ? rest : { ...rest, NODE_OPTIONS: kept };
}

function loadingOptions(text: string): string {
  const words = wordsOf(text);
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    if (flags.includes(word)) kept.push(word);
    if (!loading.includes(name)) continue;
    if (value === undefined) at += 1;
    kept.push(name, quoted(value ?? words[at] ?? ''));
  }
  return kept.join(' ');
}

/** Spaces separate words, except in double quotes, where a backslash escapes. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, '$1')),
  );
}

function quoted(value: string): string {
  return /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
