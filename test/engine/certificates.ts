import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In a folder, as Docker names them: one authority, a server for an IP address, a client. */
export function makeCertificates(folder: string, ip: string): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-subj', '/CN=ca', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  for (const [name, file] of [
    ['server', 'server'],
    ['key', 'cert'],
  ] as const) {
    const keyFile = name === 'key' ? 'key.pem' : 'server-key.pem';
    const request = ['-subj', `/CN=${file}`, '-keyout', keyFile, '-out', `${file}.csr`];
    openssl('req', ...key, ...request);
    writeFileSync(join(folder, 'names'), `subjectAltName=IP:${ip}`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2'];
    const files = ['-in', `${file}.csr`, '-out', `${file}.pem`, '-extfile', 'names'];
    openssl('x509', '-req', ...signing, ...files);
  }
}
