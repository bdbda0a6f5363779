import { join } from 'node:path';
import { homeDirectory, userId } from '../../../base/machine/this-user';

/** Where an engine listens if nobody says otherwise. */
export interface UsualSocket {
  /** Whose it is. */
  readonly name: string;
  readonly path: string;
  /** How to make it appear. */
  readonly start: string;
}

/** In the order in which they are tried. */
export function usualSockets(env: NodeJS.ProcessEnv): UsualSocket[] {
  if (process.platform === 'win32') {
    return [
      { name: 'Docker Desktop', path: '//./pipe/docker_engine', start: 'start Docker Desktop' },
    ];
  }
  const home = homeDirectory();
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${userId()}`;
  const podman = 'systemctl --user start podman.socket';
  return [
    {
      name: 'Docker',
      path: '/var/run/docker.sock',
      start: 'start Docker (Linux: sudo systemctl start docker)',
    },
    {
      name: 'rootless Docker',
      path: join(runtime, 'docker.sock'),
      start: 'systemctl --user start docker',
    },
    ...(home === undefined ? [] : inHome(home)),
    { name: 'rootless Podman', path: join(runtime, 'podman', 'podman.sock'), start: podman },
    {
      name: 'Podman of root',
      path: '/run/podman/podman.sock',
      start: 'sudo systemctl start podman.socket',
    },
  ];
}

function inHome(home: string): UsualSocket[] {
  const desktop = { name: 'Docker Desktop', start: 'start Docker Desktop' };
  return [
    { ...desktop, path: join(home, '.docker', 'run', 'docker.sock') },
    { ...desktop, path: join(home, '.docker', 'desktop', 'docker.sock') },
    {
      name: 'Colima',
      path: join(home, '.colima', 'default', 'docker.sock'),
      start: 'colima start',
    },
    {
      name: 'OrbStack',
      path: join(home, '.orbstack', 'run', 'docker.sock'),
      start: 'start OrbStack',
    },
    {
      name: 'Rancher Desktop',
      path: join(home, '.rd', 'docker.sock'),
      start: 'start Rancher Desktop with its engine dockerd (moby)',
    },
  ];
}
