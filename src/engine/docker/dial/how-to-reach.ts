/** What helps tests that run in a container of their own, and cannot reach servers in others. */
export const howToReach = [
  'run the tests’ container with --network host;',
  "or set engine: 'local', which needs no Docker;",
  'or set publishOn to an address of the engine’s machine that can be reached from here, such as the gateway of its bridge (often 172.17.0.1)',
].join(' ');
