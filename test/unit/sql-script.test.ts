import { splitStatements } from '../../src/postgres/sql-script';

const sql = (script: string) => splitStatements(script).map((statement) => statement.sql);

test.each([
  ['a semicolon ends a statement, the last one needs none', 'SELECT 1; SELECT 2', 2],
  ['empty statements are none', ';;SELECT 1;;', 1],
  ['strings', `SELECT 'a;''b;'; SELECT 'c\\'; SELECT E'd\\';'`, 3],
  ['names', 'SELECT "a;""b;"; SELECT 1', 2],
  ['dollar quotes', 'SELECT $$;$$, $f$ $g$;$g$ $f$; SELECT a$b$c', 2],
  ['parameters are no dollar quotes', 'SELECT $1; SELECT $1', 2],
  ['comments', '-- a;\nSELECT 1 -- b;\n; /* c; /* d; */ e; */ SELECT 2', 2],
  ['parentheses', 'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3', 2],
  [
    'bodies of SQL functions',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 3',
    2,
  ],
  ['blocks of transactions are statements each', 'BEGIN; SELECT 1; END', 3],
  ['what pg_dump says to psql is skipped', '\\restrict x1\nSELECT 1;\n\\unrestrict x1\n', 1],
  ['a quote that is left open', "SELECT 1; SELECT 'open;", 2],
])('%s', (_, script, count) => {
  const found = sql(script);
  expect(found).toHaveLength(count);
  // Nothing but what stands between statements is lost.
  expect(script.replace(/\s/g, '')).toContain(found[0]?.replace(/\s/g, ''));
});

test('statements are as they were written, and know their line', () => {
  expect(splitStatements("\n-- one\nSELECT\n 'a;b';\nSELECT 2;")).toEqual([
    { sql: "SELECT\n 'a;b'", line: 3 },
    { sql: 'SELECT 2', line: 5 },
  ]);
});

test('what only psql can do is refused, with its line', () => {
  expect(() => sql('SELECT 1;\n\\copy t FROM x')).toThrow(
    /^line 2: \\copy t FROM x is a command of/,
  );
  expect(() => sql('\n\nCOPY t (a) FROM stdin;\n1\n\\.\n')).toThrow(
    /^line 3: only psql reads data after COPY/,
  );
});
