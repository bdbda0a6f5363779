const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files that take longest, by Jest's project and what ends their path. Jest knows from its cache which
 * those are; a fresh clone has none, and would end with one worker at work on one long file.
 */
const long = [
  ['local', 'integration/failovers'],
  ['consumer', 'moments'],
  ['docker', 'misbehaving'],
  ['integration', 'reset'],
  ['integration', 'server-faults'],
  ['docker', 'versions'],
  ['consumer', 'engine-in-trouble'],
  ['docker', 'podman'],
  ['consumer', 'readme'],
  ['consumer', 'interrupted'],
  ['integration', 'roles'],
  ['consumer', 'parallel'],
  ['consumer', 'isolation'],
  ['integration', 'lifetime'],
];

module.exports = class LongFilesFirst extends Sequencer {
  sort(tests) {
    const place = ({ path, context }) => {
      const found = long.findIndex(
        ([project, file]) =>
          context.config.displayName?.name === project && path.endsWith(`${file}.test.ts`),
      );
      return found === -1 ? long.length : found;
    };
    // The sort is stable: the rest stay in Jest's own order.
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other));
  }
};
