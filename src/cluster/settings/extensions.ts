import { expected, type Ruled } from '../../base/value-rules';
import { escapeIdentifier, escapeLiteral } from '../../postgres/quoted';

/**
 * Where extensions come from that PostgreSQL itself does not bring: Debian's package (of
 * apt.postgresql.org too), and the image that its authors publish.
 */
const sources: Readonly<Record<string, { readonly package: string; readonly image?: string }>> = {
  postgis: { package: 'postgresql-<version>-postgis-3', image: 'postgis/postgis:<version>-3.5' },
  vector: { package: 'postgresql-<version>-pgvector', image: 'pgvector/pgvector:pg<version>' },
  timescaledb: {
    package: 'timescaledb-2-postgresql-<version>',
    image: 'timescale/timescaledb:latest-pg<version>',
  },
  citus: { package: 'postgresql-<version>-citus-13.0', image: 'citusdata/citus' },
  pg_cron: { package: 'postgresql-<version>-cron' },
  pg_partman: { package: 'postgresql-<version>-partman' },
  pgtap: { package: 'postgresql-<version>-pgtap' },
  hypopg: { package: 'postgresql-<version>-hypopg' },
  age: { package: 'postgresql-<version>-age', image: 'apache/age' },
};

/** Names of extensions; one name will do for a single one. */
export function extensionsRule(value: unknown): Ruled<readonly string[]> {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  const areNames = (given: unknown[]): given is string[] =>
    given.every((name) => typeof name === 'string' && /^[\w-]{1,63}$/.test(name));
  return areNames(names)
    ? { value: Object.freeze([...names]) }
    : expected("the name of an extension such as 'postgis', or an array of them", value);
}

/** Creates them; where one cannot be had, it says what there is, and where to get the other. */
export function extensionsSql(names: readonly string[]): string {
  return names.map((name) => `${available(name)}${create(name)}`).join('\n');
}

function create(name: string): string {
  return `CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)} CASCADE;`;
}

function available(name: string): string {
  const literal = escapeLiteral(name);
  const remedy = `${remedyFor(name)} There are: %`.replaceAll('<version>', '%');
  const version = `current_setting('server_version_num')::int / 10000`;
  const versions = [...remedy.matchAll(/%/g)].slice(1).map(() => version);
  return `DO $extensions$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = ${literal}) THEN
    RAISE EXCEPTION ${escapeLiteral(`the extension ${name} is not installed where the servers run. ${remedy}`)},
      ${[...versions, `(SELECT string_agg(name, ', ' ORDER BY name) FROM pg_available_extensions)`].join(', ')};
  END IF;
END $extensions$;
`;
}

function remedyFor(name: string): string {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (!source) {
    return 'In Docker, take an image that has it (option image); on the local engine, install the package that brings it for the programs in use (option binDir).';
  }
  const image = source.image
    ? `an image that has it (option image), such as ${source.image}`
    : `an image (option image) with Debian's package ${source.package}`;
  return `In Docker, take ${image}; on the local engine, install ${source.package}, and let binDir lead to the programs of that distribution.`;
}
