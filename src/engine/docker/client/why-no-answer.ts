import { access, constants, stat } from 'node:fs/promises';
import { codeOf, messageOf } from '../../../base/errors';
import { userId, userName } from '../../../base/machine/this-user';
import { statusOf } from './api-call';
import type { Address } from './engine-addresses';

/** Why an engine did not answer a ping, in a few words, and what would help, if that is known. */
export async function whyNoAnswer(
  error: unknown,
  address: Address | undefined,
  answerMs: number,
): Promise<{ why: string; help?: string }> {
  switch (codeOf(error)) {
    case 'ENOENT':
      return { why: 'there is no such socket' };
    case 'EACCES':
    case 'EPERM':
      return {
        why: `permission denied for user ${userName() ?? userId()}`,
        help: await howToBePermitted(address?.socketPath),
      };
    case 'ECONNREFUSED':
      return { why: 'connection refused: nothing listens there' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { why: `no machine has the name ${address?.host}` };
    case 'EPROTO':
    case 'ECONNRESET':
      if (!isTls(address)) break;
      return { why: 'it does not speak TLS', help: 'unset DOCKER_TLS_VERIFY, or use its TLS port' };
    case 'ERR_PG_CLUSTER_TIMEOUT':
      return { why: `it did not answer a ping within ${answerMs / 1000} s` };
  }
  const why = messageOf(error);
  if (statusOf(error) === 400 && /HTTP request to an HTTPS server/.test(why)) {
    const help = 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of its certificates';
    return { why: 'it speaks TLS only', help };
  }
  if (address?.ssh) {
    const { user, host, port } = address.ssh;
    const words = ['ssh -o BatchMode=yes', ...(port === undefined ? [] : [`-p ${port}`])];
    const login = [...words, user === undefined ? host : `${user}@${host}`].join(' ');
    const help = /host key/i.test(why)
      ? `log in once by hand, and see whether that is the right machine: ${login.replace(' -o BatchMode=yes', '')}`
      : `this has to work without a question: ${login} docker version`;
    return { why, help };
  }
  return { why };
}

function isTls(address: Address | undefined): boolean {
  return address?.tls !== undefined;
}

async function howToBePermitted(socketPath = '/var/run/docker.sock'): Promise<string> {
  try {
    await access(socketPath, constants.W_OK);
    return 'the engine itself refused';
  } catch {
    const owner = await stat(socketPath).then(
      ({ uid, gid }) => ` (the socket belongs to user ${uid}, group ${gid})`,
      () => '',
    );
    return `add the user to the group that owns the socket (often: sudo usermod -aG docker $USER, then log in again), or use rootless Docker${owner}`;
  }
}
