import type { EngineName } from './engines';

/** What runs all acts (test/support/acts.js) on the engine of one row of the README's table. */
interface HeldBy {
  /** Below test/. */
  readonly file: string;
  /** What has to stand there, so that it does: the names of its blocks and tests, as they are written. */
  readonly says: readonly string[];
  /** Which engine `npm run test:engines` runs that file on; left out: `jest` runs it. */
  readonly on?: EngineName;
  /** Acts that it leaves out, since the engine has not got them. */
  readonly without?: readonly string[];
}

const each = 'test.each(Object.entries(acts))';
const suite = (on?: EngineName): HeldBy => ({
  file: 'docker/acts.test.ts',
  says: [each],
  ...(on && { on }),
});
const remote = (...says: string[]): HeldBy => ({ file: 'docker/remote-engine.test.ts', says });

/** By the rows' titles. */
export const heldBy: Readonly<Record<string, HeldBy>> = {
  "engine: 'local'": {
    file: 'local/acts.test.ts',
    says: ['test.each(here)', "const lacks = ['fillDisk', 'app']"],
    without: ['fillDisk', 'app'],
  },
  Docker: suite(),
  'Docker, rootless': suite('docker-rootless'),
  Podman: suite('podman'),
  'Podman, rootless': suite('podman-rootless'),
  'Docker over ssh': remote("['over ssh',", each),
  'Podman, rootless, over ssh': {
    file: 'docker/podman.test.ts',
    says: ["'over ssh, at the path of its socket, all works as here'", 'Object.values(acts)'],
  },
  'Docker over TCP with TLS': remote("['over TLS',", each),
  'Docker, tests in a container': {
    file: 'consumer/in-a-container.test.ts',
    says: ["'all that can be done to a cluster works from there'", "support/acts.js'"],
  },
  'several, by dockerHosts': remote("'all that can be done to a cluster works on it'"),
};
