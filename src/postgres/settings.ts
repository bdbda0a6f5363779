/** Settings of postgresql.conf, e.g. `{ "max_connections": 20, "log_statement": "all" }`. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** A value as PostgreSQL's files write it. */
export function settingText(value: Settings[string]): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

/**
 * Lines for postgresql.conf. Inside quotes PostgreSQL reads `''` and backslash escapes (GUC_scanstr
 * in guc-file.l), so both characters are doubled.
 */
export function formatSettings(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      const text = settingText(value).replaceAll('\\', '\\\\').replaceAll("'", "''");
      return `${name} = '${text}'\n`;
    })
    .join('');
}
