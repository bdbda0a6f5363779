import { join } from 'node:path';
import type { ServerTls } from '../../server-tls';
import { writeOwned } from '../system/owned-files';
import type { ServerUser } from '../system/server-user';

/**
 * Where they are: in the node's own directory, not among its data, which are copied and replaced.
 */
const filesIn = (home: string) => ({
  cert: join(home, 'server.crt'),
  key: join(home, 'server.key'),
  hba: join(home, 'pg_hba.conf'),
});

/** Writes what the server with that home speaks TLS with. */
export function writeTlsFiles(home: string, { cert, key, hba }: ServerTls, user: ServerUser): void {
  const files = filesIn(home);
  writeOwned(files.cert, cert, user);
  writeOwned(files.key, key, user);
  if (hba !== undefined) writeOwned(files.hba, hba, user);
}

/** Settings by which it finds them: `name=value`. */
export function tlsSettings(home: string, tls: ServerTls | undefined): readonly string[] {
  if (!tls) return [];
  const files = filesIn(home);
  return [
    'ssl=on',
    `ssl_cert_file=${files.cert}`,
    `ssl_key_file=${files.key}`,
    ...(tls.hba === undefined ? [] : [`hba_file=${files.hba}`]),
  ];
}
