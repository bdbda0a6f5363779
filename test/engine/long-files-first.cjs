const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * How long files take that take long, in the unit of one of them, by Jest's project and what ends their
 * path. Jest knows that from its cache; a fresh clone has none, and would end with one worker at work on
 * one long file.
 */
const shares = {
  local: {
    'integration/failovers': 2.5,
    'replication/stale-reads': 2.3,
    'integration/lifetime': 1.6,
    'integration/there-and-back': 1.3,
    'domain/failover': 1.3,
    'domain/role-changes': 1.1,
    'replication/conflict': 1,
    'integration/copies': 1,
    'integration/reset': 0.6,
    'integration/snapshot': 0.6,
    'integration/roles': 1,
    'integration/random-walk': 1,
  },
  consumer: {
    vitest: 4.3,
    'engine-in-trouble': 3.6,
    prepare: 3,
    tools: 2.9,
    readme: 2.5,
    interrupted: 2,
    report: 1.8,
    isolation: 1.5,
    moments: 1.5,
    up: 1.5,
    pnp: 1.4,
    'doctor-docker': 1.3,
    alone: 1.2,
    'in-a-container': 1.2,
    prune: 1.2,
  },
  browser: { 'report-page': 2 },
  docker: { 'acts-elsewhere': 5, misbehaving: 4, versions: 4, podman: 4, 'remote-engine': 4 },
  integration: {
    reset: 1.5,
    snapshot: 1.5,
    tls: 2,
    roles: 2.5,
    copies: 2,
    prepare: 2,
    shapes: 2,
    lifetime: 1.5,
    'server-faults': 1.3,
    start: 1.3,
    network: 1.3,
  },
};

module.exports = class LongFilesFirst extends Sequencer {
  sort(tests) {
    const shareOf = ({ path, context }) => {
      const ofProject = Object.entries(shares[context.config.displayName?.name] ?? {});
      return ofProject.find(([file]) => path.endsWith(`/${file}.test.ts`))?.[1] ?? 0;
    };
    // Long ones that begin at once, as they need nothing that is being set up; then the other long ones.
    const isFirst = (test) =>
      test.context.config.displayName?.name === 'local' && shareOf(test) > 0;
    // The sort is stable: the rest stay in Jest's own order.
    return [...super.sort(tests)].sort(
      (one, other) => isFirst(other) - isFirst(one) || shareOf(other) - shareOf(one),
    );
  }
};
