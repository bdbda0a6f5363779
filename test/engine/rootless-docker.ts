import { join } from 'node:path';
import Docker from 'dockerode';
import { need, ready, removeContainers, type StartEngine } from './other-engine';
import { OwnUser } from './own-user';

const script = 'dockerd-rootless.sh';

/** A dockerd without root, of a user made for it. */
export const startRootlessDocker: StartEngine = async (from, images) => {
  await need(
    [script, 'dockerd', 'rootlesskit', 'slirp4netns', 'newuidmap', 'iptables'],
    ['docker.io', 'rootlesskit', 'slirp4netns', 'uidmap', 'iptables'],
  );
  await OwnUser.removeLeftOnes();
  const user = await OwnUser.create();
  const at = (name: string) => join(user.folder, name);
  const host = `unix://${at('docker.sock')}`;
  const dockerd = user.spawn(
    `/usr/share/docker.io/contrib/${script}`,
    ...[`--host=${host}`, '--log-level=warn'],
    ...[`--data-root=${at('home/data')}`, `--exec-root=${at('run/exec')}`],
    `--pidfile=${at('run/pid')}`,
  );
  const docker = new Docker({ socketPath: at('docker.sock') });
  const end = async () => {
    await removeContainers(docker);
    dockerd.kill('SIGTERM');
    await user.remove();
  };
  const engine = { docker, host, via: [], end };
  const log = () => user.logEnd();
  return ready('rootless Docker', { engine, process: dockerd, log, from, images });
};
