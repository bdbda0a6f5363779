/** One statement of a script, and the line in which it begins. */
export interface Statement {
  readonly sql: string;
  readonly line: number;
}

/**
 * The statements of an SQL script as psql would send them: one at a time, so that each is its own
 * transaction. Comments between statements are skipped, and so is `\restrict`, which pg_dump writes
 * for psql.
 *
 * It follows the rules of psqlscan.l for quotes, dollar quotes, comments (which may be nested),
 * parentheses and `BEGIN ATOMIC … END`.
 *
 * @throws an Error for other commands of psql, and for data after `COPY … FROM stdin`
 */
export function splitStatements(script: string): Statement[] {
  const statements: Statement[] = [];
  const words: string[] = [];
  let start: number | undefined;
  let startLine = 1;
  let line = 1;
  let parentheses = 0;
  let bodies = 0;
  let at = 0;
  const finish = (end: number) => {
    if (start === undefined) return;
    refuseCopyData(words, startLine);
    statements.push({ sql: script.slice(start, end), line: startLine });
    start = undefined;
    words.length = 0;
    parentheses = 0;
    bodies = 0;
  };

  while (at < script.length) {
    const [token = '', comment, word] = tokens(script, at);
    if (start === undefined && token.startsWith('\\')) {
      const command = /^\\\S*[^\n]*/.exec(script.slice(at))?.[0] ?? '';
      if (!/^\\(un)?restrict\b/.test(command)) {
        throw new Error(`line ${line}: ${command.trim()} is a command of psql, not of PostgreSQL`);
      }
      at += command.length;
      continue;
    }
    if (token === ';' && parentheses === 0 && bodies === 0) {
      finish(at);
    } else if (comment === undefined && token.trim() !== '' && token !== ';') {
      if (start === undefined) {
        start = at;
        startLine = line;
      }
      if (token === '(') parentheses += 1;
      if (token === ')') parentheses = Math.max(0, parentheses - 1);
      if (word !== undefined) {
        bodies = bodiesAfter(words, word.toLowerCase(), bodies);
        words.push(word.toLowerCase());
      }
    }
    at += token.length;
    line += token.split('\n').length - 1;
  }
  finish(script.length);
  return statements;
}

/** The token at an index. A comment is also the second element, a word the third. */
function tokens(script: string, at: number): [string, string | undefined, string | undefined] {
  pattern.lastIndex = at;
  const match = pattern.exec(script);
  if (match?.[0].startsWith('/*')) {
    const comment = nestedComment(script, at);
    return [comment, comment, undefined];
  }
  return [match?.[0] ?? script.charAt(at), match?.groups?.comment, match?.groups?.word];
}

/** Longer tokens come before shorter ones with the same start. A quote may stay open at the end. */
const pattern = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*|/\*)`,
    String.raw`[eE]'(?:[^'\\]|\\.|'')*'?`,
    `'(?:[^']|'')*'?`,
    `"(?:[^"]|"")*"?`,
    String.raw`(?<tag>\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$)[^]*?(?:\k<tag>|$)`,
    String.raw`(?<word>[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*)`,
    String.raw`[\d.]+`,
    String.raw`\s+`,
    '[^]',
  ].join('|'),
  'sy',
);

function nestedComment(script: string, start: number): string {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(script); match; match = edge.exec(script)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return script.slice(start, edge.lastIndex);
  }
  return script.slice(start);
}

/** How many bodies are open after a word: `BEGIN ATOMIC`, or `CASE` inside one, until its END. */
function bodiesAfter(before: readonly string[], word: string, bodies: number): number {
  if (word === 'atomic' && before.at(-1) === 'begin') return bodies + 1;
  if (bodies === 0) return 0;
  if (word === 'case') return bodies + 1;
  return word === 'end' ? bodies - 1 : bodies;
}

function refuseCopyData(words: readonly string[], line: number): void {
  const from = words.lastIndexOf('from');
  if (words[0] !== 'copy' || from === -1 || words[from + 1] !== 'stdin') return;
  throw new Error(
    `line ${line}: only psql reads data after COPY … FROM stdin; use INSERT (pg_dump --inserts)`,
  );
}
