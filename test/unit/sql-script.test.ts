import { splitStatements } from '../../src/postgres/sql-script';

const sql = (script: string) => splitStatements(script).map((statement) => statement.sql);

test.each<[what: string, script: string, statements: string[]]>([
  [
    'a semicolon ends a statement; the last one needs none',
    'SELECT 1; SELECT 2',
    ['SELECT 1', 'SELECT 2'],
  ],
  ['empty statements do not count', ';;SELECT 1;;', ['SELECT 1']],
  [
    'semicolons in strings do not end one',
    `SELECT 'a;''b;'; SELECT 'c\\'; SELECT E'd\\';'`,
    [`SELECT 'a;''b;'`, `SELECT 'c\\'`, `SELECT E'd\\';'`],
  ],
  ['nor do those in quoted names', 'SELECT "a;""b;"; SELECT 1', ['SELECT "a;""b;"', 'SELECT 1']],
  [
    'nor those in dollar quotes',
    'SELECT $$;$$, $f$ $g$;$g$ $f$; SELECT a$b$c',
    ['SELECT $$;$$, $f$ $g$;$g$ $f$', 'SELECT a$b$c'],
  ],
  ['a parameter begins no dollar quote', 'SELECT $1; SELECT $1', ['SELECT $1', 'SELECT $1']],
  [
    'semicolons in comments do not end one',
    '-- a;\nSELECT 1 -- b;\n; /* c; /* d; */ e; */ SELECT 2',
    ['SELECT 1 -- b;\n', 'SELECT 2'],
  ],
  [
    'nor do those in parentheses',
    'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3',
    ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 'SELECT 3'],
  ],
  [
    'nor those in the body of an SQL function',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 3',
    [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END',
      'SELECT 3',
    ],
  ],
  ['a transaction is several statements', 'BEGIN; SELECT 1; END', ['BEGIN', 'SELECT 1', 'END']],
  [
    'what pg_dump says to psql is skipped',
    '\\restrict x1\nSELECT 1;\n\\unrestrict x1\n',
    ['SELECT 1'],
  ],
  [
    'a quote that is left open runs to the end',
    "SELECT 1; SELECT 'open;",
    ['SELECT 1', "SELECT 'open;"],
  ],
])('%s', (_, script, statements) => {
  expect(sql(script)).toEqual(statements);
});

test('statements keep their text and know their line', () => {
  expect(splitStatements("\n-- one\nSELECT\n 'a;b';\nSELECT 2;")).toEqual([
    { sql: "SELECT\n 'a;b'", line: 3 },
    { sql: 'SELECT 2', line: 5 },
  ]);
});

test('commands that only psql knows are refused, with their line', () => {
  expect(() => sql('SELECT 1;\n\\copy t FROM x')).toThrow(
    /^line 2: \\copy t FROM x is a command of/,
  );
  expect(() => sql('\n\nCOPY t (a) FROM stdin;\n1\n\\.\n')).toThrow(
    /^line 3: only psql reads data after COPY/,
  );
});
