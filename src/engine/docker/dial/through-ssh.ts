import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { call } from '../client/api-call';
import type { SshConnection } from '../client/ssh-connection';
import { type Dial, serverPort } from './dial';

const loopback = '127.0.0.1';

/**
 * Through ssh, to ports that the engine publishes on its machine's loopback address: ssh itself
 * listens here. The engine picks them, since which are free there is not known here, and picks anew
 * at every start of a container.
 */
export function throughSsh(ssh: SshConnection): Dial {
  return {
    how: `through ssh to ${ssh.where}, at ports of its loopback address`,
    publishOn: loopback,
    picksPorts: true,
    open: async ({ name, container, port }) => ({
      endpoint: { host: loopback, port },
      from: undefined,
      async started(deadline) {
        await ssh.forward(port, await publishedPort(container, name, deadline), deadline);
      },
      async whyUnreachable() {
        const words = await ssh.words();
        return /administratively prohibited/.test(words)
          ? `the ssh server of ${ssh.where} forbids what leads to ${name} (AllowTcpForwarding in its sshd_config): ${words}`
          : undefined;
      },
      close: (deadline) => ssh.cancel(port, deadline),
    }),
  };
}

async function publishedPort(
  container: Docker.Container,
  name: string,
  deadline: Deadline,
): Promise<number> {
  const { NetworkSettings } = await call(deadline, `look at the container of ${name}`, (signal) =>
    container.inspect({ abortSignal: signal }),
  );
  const [at] = NetworkSettings.Ports[`${serverPort}/tcp`] ?? [];
  if (at) return Number(at.HostPort);
  throw new PgClusterError(
    'ERR_PG_CLUSTER_ENGINE',
    `the Docker engine does not say where it publishes the port of ${name}`,
  );
}
