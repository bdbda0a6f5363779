import type { EventEmitter } from 'node:events';
import { rootCertificates } from 'node:tls';
import { Client } from 'pg';
import postgres from 'postgres';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { rows, rowsWith } from '../support/rows';
import { caOf, howEncrypted, isEncrypted, isPlain, plainUrl } from '../support/tls-clients';

/** How a client has logged in. Missing in pg's types. */
function mechanismOf(client: Client): () => string {
  const { connection } = client as unknown as { connection: EventEmitter };
  let seen = 'none';
  connection.on('authenticationSASLContinue', () => {
    seen = (client as unknown as { saslSession: { mechanism: string } }).saslSession.mechanism;
  });
  return () => seen;
}

const ways = [
  { wire: true, tls: 'required' },
  { wire: false, tls: 'required' },
  { wire: true, tls: true },
] as const;

/** What a wire refuses is the same on both engines; what a server does is seen without one. */
const waysHere = engine === 'local' ? ways : ways.slice(1);

describe.each(waysHere)('tls: $tls, wire: $wire', ({ wire, tls }) => {
  const the = useCluster({ tls, wire, slaves: 1 });
  const urls = (pgCluster: PgCluster) => [
    pgCluster.masterUrl,
    ...pgCluster.slaveUrls,
    ...(wire ? [pgCluster.writer.url, pgCluster.reader.url] : []),
  ];

  test('clients that are given a URL speak TLS, and know whom with', async () => {
    const { pgCluster } = the;
    expect(pgCluster.caFile).toMatch(/^\/.*\/ca[.]crt$/);
    for (const url of urls(pgCluster)) {
      expect(url).toMatch(/[?]sslmode=verify-full&sslrootcert=\/.*\/ca[.]crt$/);
      await expect(rows(url, howEncrypted)).resolves.toEqual(isEncrypted);
    }
  });

  test('a client that trusts another authority leaves', async () => {
    const [ca = ''] = rootCertificates;
    for (const url of urls(the.pgCluster)) {
      const asks = rowsWith({ connectionString: plainUrl(url), ssl: { ca } }, 'SELECT 1');
      await expect(asks).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    }
  });

  test(`a client without TLS is ${tls === true ? 'let in' : 'refused'}`, async () => {
    for (const url of urls(the.pgCluster)) {
      const asks = rows(plainUrl(url), howEncrypted);
      if (tls === true) await expect(asks).resolves.toEqual(isPlain);
      else await expect(asks).rejects.toMatchObject({ code: '28000', message: /no encryption/ });
    }
    await expect(the.pgCluster.master.query(howEncrypted)).resolves.toEqual(isPlain);
  });

  test('postgres.js, channel binding and TLS from the first byte work, too', async () => {
    const { masterUrl } = the.pgCluster;
    const ca = caOf(the.pgCluster);
    const sql = postgres(plainUrl(masterUrl), { ssl: { ca }, max: 1 });
    await expect(sql.unsafe(howEncrypted)).resolves.toEqual(isEncrypted);
    await sql.end();

    const bound = new Client({ connectionString: masterUrl, enableChannelBinding: true });
    const mechanism = mechanismOf(bound);
    await bound.connect();
    await bound.end();
    expect(mechanism()).toBe('SCRAM-SHA-256-PLUS');

    const direct = rowsWith(
      { connectionString: `${masterUrl}&sslnegotiation=direct` },
      howEncrypted,
    );
    await expect(direct).resolves.toEqual(isEncrypted);
  });

  test('a ledger writes, slaves are added, reset and restored, and all of them speak TLS', async () => {
    const { pgCluster } = the;
    const ledger = await pgCluster.ledger();
    await ledger.waitFor('acknowledged', 3);
    await ledger.stop();
    expect(await ledger.verify()).toMatchObject({ missing: [], unknown: 0 });
    const added = await pgCluster.addSlave();
    await expect(rows(added.url, howEncrypted)).resolves.toEqual(isEncrypted);
    await pgCluster.snapshot();
    await pgCluster.restore();
    await pgCluster.master.restart();
    await expect(rows(added.url, howEncrypted)).resolves.toEqual(isEncrypted);
    await pgCluster.killMaster();
    await pgCluster.failover();
    for (const url of [pgCluster.masterUrl, ...(wire ? [pgCluster.writer.url] : [])]) {
      await expect(rows(url, 'CREATE TABLE IF NOT EXISTS t (a int)')).resolves.toEqual([]);
    }
    await pgCluster.rejoin('pg0');
    await pgCluster.reset();
    for (const url of urls(pgCluster)) {
      await expect(rows(url, howEncrypted)).resolves.toEqual(isEncrypted);
    }
  });
});
