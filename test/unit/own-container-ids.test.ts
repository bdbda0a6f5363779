import { ownContainerIds } from '../../src/base/machine/own-container-ids';

const outer = 'a'.repeat(64);
const own = '5'.repeat(64);
const none = { mounts: '', cgroups: '', host: 'laptop' };
const mount = (root: string, point: string) =>
  `90 73 254:0 ${root} ${point} rw,relatime - ext4 /dev/vda rw\n`;

test.each([
  ['Docker', `/var/lib/docker/containers/${own}/hostname`, '/etc/hostname'],
  ['Docker on a disk of its own', `/docker/containers/${own}/resolv.conf`, '/etc/resolv.conf'],
  [
    'Podman without root',
    `/home/me/.local/share/containers/storage/overlay-containers/${own}/userdata/hosts`,
    '/etc/hosts',
  ],
])('%s mounts files of the container’s own', (_, root, point) => {
  expect(ownContainerIds({ ...none, mounts: mount(root, point) })).toEqual([own]);
});

test('mounts of other containers are seen where the engine runs, and name none', () => {
  const shm = `/var/lib/docker/containers/${outer}/mounts/shm`;
  const mounts = `${mount('/', shm)}${mount(`/containers/${outer}/hostname`, '/mnt/hostname')}`;
  expect(ownContainerIds({ ...none, mounts })).toEqual([]);
});

test('of cgroups in each other the innermost is meant', () => {
  const cgroups = `9:pids:/docker/${outer}/docker/${own}\n0::/system.slice\n`;
  expect(ownContainerIds({ ...none, cgroups })).toEqual([own]);
  const scope = `0::/system.slice/docker-${own}.scope\n`;
  expect(ownContainerIds({ ...none, cgroups: scope })).toEqual([own]);
});

test('a name is an id only if it looks like one, and comes last', () => {
  expect(ownContainerIds(none)).toEqual([]);
  const mounts = mount(`/containers/${own}/hosts`, '/etc/hosts');
  expect(ownContainerIds({ ...none, mounts, host: '0123456789ab' })).toEqual([own, '0123456789ab']);
});
