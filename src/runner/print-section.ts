/** A part of what is printed of a cluster: a title, and indented lines below it. */
export function section(title: string, body: string): string {
  const lines = body.trimEnd();
  return lines === ''
    ? `  ${title}: nothing`
    : `  ${title}:\n${lines
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n')}`;
}
