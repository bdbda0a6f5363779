/**
 * The names of segments that a copy of a server needs to begin, of those that are there, and of
 * timeline histories.
 * @param label the copy's `backup_label`: from the segment in it on the copy itself needs them
 * @param first what slots need, if that is more
 * @param last what the server writes now
 */
export function neededWal(
  names: readonly string[],
  { label, first, last }: { label: string; first: string | undefined; last: string },
): string[] {
  const [, began] = /^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)$/m.exec(label) ?? [];
  if (began === undefined) throw new Error(`no segment of WAL is named in ${label}`);
  const from = [began, first ?? began].map(position).sort()[0] ?? '';
  const to = position(last);
  return names.filter((name) => {
    if (name.endsWith('.history')) return true;
    return /^[0-9A-F]{24}$/.test(name) && position(name) >= from && position(name) <= to;
  });
}

/** Without the timeline, which a segment's name begins with. */
function position(name: string): string {
  return name.slice(8);
}
