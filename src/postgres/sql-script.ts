/** One statement of a script, with the line that it begins in. */
export interface Statement {
  readonly sql: string;
  readonly line: number;
}

/**
 * The statements of an SQL script, as psql would send them: one at a time, so that each is a
 * transaction of its own. What is skipped: comments between statements, and `\restrict`, which
 * pg_dump writes for psql.
 *
 * Quotes, comments (nested ones too), dollar quotes, parentheses and bodies in `BEGIN ATOMIC … END`
 * are known, by the rules of psqlscan.l.
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

/** The token at an index; as second element if it is a comment, as third if it is a word. */
function tokens(script: string, at: number): [string, string | undefined, string | undefined] {
  pattern.lastIndex = at;
  const match = pattern.exec(script);
  if (match?.[0].startsWith('/*')) {
    const comment = nestedComment(script, at);
    return [comment, comment, undefined];
  }
  return [match?.[0] ?? script.charAt(at), match?.groups?.comment, match?.groups?.word];
}

/** In this order: what begins as something longer comes first. A quote may be left open at the end. */
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

/** How many bodies are open after a word: `BEGIN ATOMIC`, and `CASE` inside one, up to their END. */
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
    `line ${line}: data after COPY … FROM stdin are read by psql only; use INSERT (pg_dump --inserts)`,
  );
}
