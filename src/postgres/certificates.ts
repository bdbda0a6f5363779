import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type * as Forge from 'node-forge';

/** What servers speak TLS with, and what their clients know them by: texts in PEM. */
export interface Certificates {
  /** The certificate of the authority that has signed theirs. */
  readonly ca: string;
  readonly cert: string;
  /** The private key of `cert`. */
  readonly key: string;
}

interface Authority {
  readonly ca: string;
  readonly key: string;
}

const dayMs = 86_400_000;
/** The clocks of this machine and a container's may differ. */
const sinceMs = -dayMs;
/** Some systems take no certificate of a server that is valid for much longer. */
const untilMs = 365 * dayMs;
/** Names of nodes, by which containers on the network of a cluster find them. */
const nodeNames = Array.from({ length: 32 }, (_, index) => `pg${index}`);

let authority: Promise<Authority> | undefined;
/** By the addresses in them. */
const known = new Map<string, Promise<Certificates>>();

/**
 * Those of this process, which are made at the first call. Nobody else has the authority's key.
 * @param others addresses that servers have, beside those of loopback
 */
export function certificatesFor(others: readonly string[]): Promise<Certificates> {
  const addresses = [...new Set(['127.0.0.1', '::1', ...others])];
  const key = addresses.join();
  const made = known.get(key) ?? makeCertificates(addresses);
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}

async function makeCertificates(addresses: readonly string[]): Promise<Certificates> {
  authority ??= makeAuthority();
  const [{ ca, key: caKey }, keys] = await Promise.all([authority, keyPair()]);
  const { pki } = forge();
  const issuer = pki.certificateFromPem(ca);
  const cert = sign({
    subject: [{ name: 'commonName', value: 'localhost' }],
    issuer: issuer.subject.attributes,
    publicKey: keys.publicKey,
    signWith: caKey,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...['localhost', ...nodeNames].map((value) => ({ type: 2, value })),
          ...addresses.map((ip) => ({ type: 7, ip })),
        ],
      },
      { name: 'subjectKeyIdentifier' },
      {
        name: 'authorityKeyIdentifier',
        keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes(),
      },
    ],
  });
  return { ca, cert, key: keys.privateKey };
}

async function makeAuthority(): Promise<Authority> {
  const { publicKey, privateKey } = await keyPair();
  // Another name each time: a client may be given several of them in one file.
  const name = `jest-environment-pg-cluster ${randomBytes(4).toString('hex')}`;
  const subject = [{ name: 'commonName', value: name }];
  const ca = sign({
    subject,
    issuer: subject,
    publicKey,
    signWith: privateKey,
    extensions: [
      { name: 'basicConstraints', critical: true, cA: true },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
  return { ca, key: privateKey };
}

function sign(o: {
  subject: Forge.pki.CertificateField[];
  issuer: Forge.pki.CertificateField[];
  publicKey: string;
  signWith: string;
  extensions: object[];
}): string {
  const { pki, md } = forge();
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(o.publicKey);
  // A positive number, whatever the random digits are.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() + sinceMs);
  certificate.validity.notAfter = new Date(Date.now() + untilMs);
  certificate.setSubject(o.subject);
  certificate.setIssuer(o.issuer);
  certificate.setExtensions(o.extensions);
  certificate.sign(pki.privateKeyFromPem(o.signWith), md.sha256.create());
  return pki.certificateToPem(certificate).replaceAll('\r', '');
}

/** Node makes keys in a thread of its own, and many times as fast. */
function keyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** Loaded when it is asked for: most clusters speak no TLS. */
const forge = (): typeof Forge => require('node-forge');
