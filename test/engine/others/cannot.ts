import type { EngineName } from './engines';

/**
 * What cannot be had on an engine: a test of the integration suite that fails there. The README's
 * table of failures has the same words.
 */
export interface Cannot {
  readonly engines: readonly EngineName[];
  /** Below test/. */
  readonly file: string;
  /** Its whole name, with those of its blocks; or what it is of, if all of these fail. */
  readonly test: string | RegExp;
  /** Where this version of cgroups is; left out: wherever. */
  readonly cgroup?: '1' | '2';
  readonly happens: string;
  /** The versions of what it was seen on. */
  readonly seenOn: string;
  readonly why: string;
  readonly instead: string;
}

/** The run fails where one of these passes, so nothing stays here that can be had by now. */
export const cannot: readonly Cannot[] = [
  {
    engines: ['podman-rootless', 'docker-rootless'],
    file: 'integration/heal.test.ts',
    test: 'heal brings back what something else has paused or ended',
    cgroup: '1',
    happens: 'the engine refuses `docker pause`, so nobody else can pause a node',
    seenOn: 'Podman 4.3.1, Docker 20.10.24; cgroup v1',
    why: 'without root it has no cgroup of version 1 to freeze; our own pause() stops processes by signals',
    instead: 'start the machine with cgroup v2, or leave it: no test of a user needs it',
  },
  {
    engines: ['podman-rootless'],
    file: 'integration/start.test.ts',
    test: 'a port that somebody else takes before its node does is replaced',
    happens: 'the cluster does not start: “requested ip address … is already allocated”',
    seenOn: 'Podman 4.3.1',
    why: 'Podman 4.3 without root keeps the address of a container whose port it could not publish',
    instead: 'run it again: it takes another program that begins to listen in that very moment',
  },
  {
    engines: ['podman', 'podman-rootless'],
    file: 'docker/disk.test.ts',
    test: 'a disk whose limit the engine ignores is not filled',
    happens: 'the volume of this test, too large on purpose, is refused: “volume options size …”',
    seenOn: 'Podman 4.3.1',
    why: 'Podman 4.3 takes `o=size=` as a quota of the file system; bounded disks ask by `nr_blocks`',
    instead: 'nothing: bounded disks work, and a limit that is ignored cannot be made there',
  },
];
