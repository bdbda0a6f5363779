/** What may be needed to find and load this package and what it stands on (Yarn PnP, say). */
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
 * The environment of a process of ours: NODE_OPTIONS keeps what code is loaded by, and loses the
 * rest. Two processes cannot listen on one port of a debugger, and limits meant for tests are not
 * meant for it. The process has to begin in our directory: names may be relative to it.
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

/** Words are parted by spaces; in double quotes, spaces count, and a backslash escapes. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/gs, (_, inner: string) => inner.replace(/\\(.)/gs, '$1')),
  );
}

function quoted(value: string): string {
  return /[\s"\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
