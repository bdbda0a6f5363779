import type { Cluster } from '../../cluster/cluster';
import { logEntries } from '../../postgres/server-log';
import type { Happening, LogLine } from '../records';
import type { RecordingFile } from './recording-file';
import { verbOf } from './verb';

/** Of a node, the last ones; a server can log without end. */
const mostLines = 2000;
const longestText = 4000;

/** What the nodes have logged since then (milliseconds since the epoch). */
export async function logRecords(
  cluster: Cluster,
  since: number,
  file: Pick<RecordingFile, 'momentOf'>,
  withSql: boolean,
): Promise<Happening[]> {
  const found = await Promise.all(
    cluster.nodes.map(async (node): Promise<Happening[]> => {
      const log = await node.logs(since).catch(() => '');
      const all = linesOf(log, (at) => file.momentOf(at), withSql);
      const lines = all.slice(-mostLines);
      const count = all.length - lines.length;
      return [
        ...(lines.length > 0 ? [{ kind: 'log', node: node.name, lines } as const] : []),
        ...(count > 0
          ? [{ kind: 'left out', what: `log lines of ${node.name}`, count } as const]
          : []),
      ];
    }),
  );
  return found.flat();
}

/** Belong to the message before them, of the same process. */
const further = /^(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION)$/;
const severities = /^(DEBUG\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC)$/;
/** Users may set another prefix; the word before the text has two spaces after it in any case. */
const shape = /^(?:\S+ \S+ UTC )?(\[\d+\])?.*?(?:^|\s)(\p{Lu}[\p{Lu}\d]*): {2}([\s\S]*)$/u;

export function linesOf(
  log: string,
  momentOf: (at: number) => number,
  withSql: boolean,
): LogLine[] {
  const lines: { at: number; severity: string; text: string; process: string | undefined }[] = [];
  for (const entry of logEntries(log)) {
    const whole = entry.lines.join('\n').trimEnd();
    if (whole === '') continue;
    const [, process, severity = 'LOG', text = whole] = shape.exec(whole) ?? [];
    const told = withSql ? text : withoutSql(severity, text);
    const before = lines.findLast((line) => line.process === process);
    if (before && further.test(severity)) {
      if (told !== undefined) before.text += `\n${severity}: ${told}`;
      continue;
    }
    const at = entry.at === undefined ? (lines.at(-1)?.at ?? 0) : momentOf(entry.at);
    lines.push({ at, severity, text: told ?? '', process });
  }
  return lines.map(({ at, severity, text }) => ({
    at,
    severity,
    text: text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text,
  }));
}

/** Undefined: nothing is left of it. */
function withoutSql(severity: string, text: string): string | undefined {
  // A server that speaks another language has other words for them.
  if (!severities.test(severity) && !/^(DETAIL|HINT|CONTEXT|LOCATION)$/.test(severity)) {
    return verbOf(text);
  }
  if (severity === 'DETAIL' && /^parameters:/i.test(text)) return undefined;
  const [whole, sql] =
    /(?:^|ms {2})(?:statement|(?:parse|bind|execute) [^:]*|execute fetch from [^:]*): ([\s\S]*)$/.exec(
      text,
    ) ?? [];
  return sql === undefined || whole === undefined
    ? text
    : `${text.slice(0, text.length - sql.length)}${verbOf(sql)}`;
}
