const longest = 500;

/** What is kept of a statement: its text on one line, or the verb alone, which tells no data. */
export function keptOf(sql: string, wholeText: boolean): string {
  if (!wholeText) return verbOf(sql);
  const text = sql.replace(/\s+/g, ' ').trim();
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** The first word of a statement, in capitals; comments and parentheses before it do not count. */
export function verbOf(sql: string): string {
  const [, verb] = /^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*([a-z]+)/i.exec(sql) ?? [];
  return verb === undefined ? 'other' : verb.toUpperCase();
}
