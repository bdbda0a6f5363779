import { LedgerBook } from '../../src/cluster/ledger/ledger-book';
import { ledgerOptions, ledgerRules } from '../../src/cluster/ledger/ledger-options';
import { isRefusal } from '../../src/cluster/ledger/ledger-writer';
import { withMethods } from '../../src/handle/arguments';
import { options } from '../../src/handle/parameters';

describe('the book of a ledger', () => {
  /** Five writes: acknowledged, failed, unknown, in flight, acknowledged. */
  function bookOfFive(): LedgerBook {
    const book = new LedgerBook();
    const ids = Array.from({ length: 5 }, () => book.begin());
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    book.end(1, 'acknowledged');
    book.end(2, 'failed');
    book.end(3, 'unknown');
    book.end(5, 'acknowledged');
    return book;
  }

  test('counts each write once', () => {
    expect(bookOfFive().counts).toEqual({
      written: 5,
      acknowledged: 2,
      failed: 1,
      unknown: 1,
      inFlight: 1,
    });
  });

  test('an answer that comes too late changes nothing', () => {
    const book = bookOfFive();
    book.end(3, 'acknowledged');
    expect(book.counts).toMatchObject({ acknowledged: 2, unknown: 1 });
    expect(book.acknowledgedIds()).toEqual([1, 5]);
  });

  test.each([
    { there: [1, 5], missing: [], unexpected: [], unknownPresent: 0 },
    { there: [1, 3, 4, 5], missing: [], unexpected: [], unknownPresent: 1 },
    { there: [5, 3], missing: [1], unexpected: [], unknownPresent: 1 },
    { there: [], missing: [1, 5], unexpected: [], unknownPresent: 0 },
    { there: [6, 2, 0, -1, 1, 5, 1.5], missing: [], unexpected: [-1, 0, 1.5, 2, 6] },
  ])(
    'when $there are found, $missing are missing and $unexpected unexpected',
    ({ there, ...found }) => {
      const book = bookOfFive();
      expect(book.report('pg1', book.acknowledgedIds(), there)).toMatchObject({
        node: 'pg1',
        ...found,
      });
    },
  );

  test('a write that was acknowledged after the read began need not have been read', () => {
    const book = bookOfFive();
    const acknowledged = book.acknowledgedIds();
    book.end(4, 'acknowledged');
    expect(book.report('pg0', acknowledged, [1, 5])).toMatchObject({
      acknowledged: 3,
      missing: [],
    });
  });
});

describe('an error proves that nothing was committed', () => {
  test.each([
    ['a read-only transaction', { severity: 'ERROR', code: '25006' }, true],
    ['no space', { severity: 'ERROR', code: '53100' }, true],
    ['a cancelled statement', { severity: 'ERROR', code: '57014' }, true],
    ['the end of the session', { severity: 'FATAL', code: '57P01' }, false],
    ['a crash', { severity: 'WARNING', code: '57P02' }, false],
    ['no space for WAL', { severity: 'PANIC', code: '53100' }, false],
    ['a shutdown reported as an error', { severity: 'ERROR', code: '57P01' }, false],
    ['an unknown completion', { severity: 'ERROR', code: '40003' }, false],
    ['a serialization failure', { severity: 'ERROR', code: '40001' }, true],
    ['a severity in another language', { severity: 'FEHLER', code: '25006' }, false],
    ['a broken pipe', { code: 'EPIPE' }, false],
    ['a timeout of ours', { code: 'ERR_PG_CLUSTER_TIMEOUT' }, false],
    ['a closed connection', new Error('Connection terminated unexpectedly'), false],
  ])('%s', (_, error, proves) => {
    expect(isRefusal(error)).toBe(proves);
  });
});

describe('the options of a ledger', () => {
  test('have defaults', () => {
    expect(ledgerOptions()).toEqual({ intervalMs: 5, connections: 2, timeoutMs: 1000 });
    expect(ledgerOptions({ intervalMs: 0 })).toMatchObject({ intervalMs: 0, connections: 2 });
  });

  test('are all checked at once', () => {
    const given = { intervalMs: -1, connections: 1.5, timeoutMS: 10 } as object;
    const { ledger } = withMethods<{ ledger: typeof ledgerOptions }>(
      {},
      { ledger: { takes: [options(ledgerRules)], does: ledgerOptions } },
    );
    expect(() => ledger(given)).toThrow(
      /^ledger\(\): intervalMs must be a whole number from 0 to 10000, not -1; connections must be .*, not 1.5; unknown option "timeoutMS". Did you mean "timeoutMs"\?$/,
    );
  });
});
