// The doors of the house: which rooms of src/ may import which. `npm run lint` runs it.
// Rooms are listed from the roof down to the cellar; each may import only what is below it.

/** Which rooms a room may import, itself aside. */
const mayImport = {
  cli: [
    ...['report', 'prompt', 'handle', 'options'],
    ...['cluster', 'engine', 'cleanup', 'postgres', 'base'],
  ],
  jest: ['runner', 'report', 'options', 'cluster', 'base'],
  vitest: ['runner', 'handle', 'options', 'base'],
  runner: [
    ...['report', 'prompt', 'handle', 'options'],
    ...['cluster', 'cleanup', 'postgres', 'base'],
  ],
  alone: ['handle', 'options', 'cluster', 'engine', 'postgres', 'base'],
  prompt: ['handle', 'cluster', 'cleanup', 'postgres', 'base'],
  report: ['handle', 'options', 'cluster', 'wire', 'engine', 'postgres', 'base'],
  handle: ['options', 'cluster', 'wire', 'engine', 'postgres', 'base'],
  options: ['cluster', 'engine', 'postgres', 'base'],
  cluster: ['wire', 'engine', 'cleanup', 'postgres', 'base'],
  wire: ['engine', 'postgres', 'base'],
  engine: ['cleanup', 'postgres', 'base'],
  cleanup: ['base'],
  postgres: ['base'],
  base: [],
};

/** The same for the rooms inside a room; '' are the files of the outer room itself. */
const inner = {
  cluster: {
    lifecycle: [
      'failover',
      'faults',
      'replication',
      'settings',
      'prepare',
      '',
      'endpoints',
      'node',
    ],
    failover: ['faults', 'replication', 'settings', '', 'node'],
    faults: ['replication', 'settings', '', 'endpoints', 'node'],
    ledger: ['replication', 'settings', '', 'node'],
    replication: ['settings', '', 'node'],
    settings: ['prepare', '', 'node'],
    prepare: ['', 'node'],
    '': ['endpoints', 'node'],
    endpoints: ['node'],
    node: [],
  },
  wire: { '': ['network', 'protocol'], network: ['', 'protocol'], protocol: [''] },
  'engine/docker': {
    '': ['network', 'container', 'dial', 'image', 'client'],
    network: ['container', 'dial', 'image', 'client'],
    container: ['dial', 'image', 'client'],
    dial: ['client'],
    image: ['client'],
    client: [],
  },
  'engine/local': {
    '': ['data', 'programs', 'directories', 'server', 'system'],
    data: ['programs', 'directories', 'server', 'system'],
    programs: ['directories', 'server', 'system'],
    directories: ['server', 'system'],
    server: ['system'],
    system: [],
  },
  cli: { '': ['up'], up: [''] },
  runner: { '': ['matchers'], matchers: [] },
  report: {
    recording: ['reading', ''],
    reading: [''],
    page: ['picture', 'reading', ''],
    terminal: ['picture', 'reading', ''],
    picture: ['reading', ''],
    output: [''],
    // The reporter is here; records.ts, which is here too, imports nothing.
    '': ['recording', 'reading', 'page', 'output'],
  },
  postgres: { '': ['wal'], wal: [] },
  base: { machine: [''], '': [] },
};

const src = '^src/';

/** `from` may reach nothing below `home` that is neither its own nor in one of the rooms `to`. */
function door(name, home, from, to) {
  const folder = (room) => (room === '' ? `${home}[^/]+$` : `${home}${room}/`);
  const rest = Object.keys(home === src ? mayImport : inner[home.slice(src.length, -1)]);
  const closed = rest.filter((room) => room !== from && !to.includes(room));
  if (closed.length === 0) return [];
  return {
    name: `door-of-${name}`,
    severity: 'error',
    comment: `${name} imports only ${to.map((room) => room || 'the files beside it').join(', ') || 'nothing of its neighbours'}`,
    from: { path: folder(from) },
    to: { path: closed.map(folder) },
  };
}

/** A folder that is not in the plan has no door, so nothing may live there. */
function onlyPlanned(home, plan) {
  const planned = Object.keys(plan).filter((room) => room !== '');
  return {
    name: `unplanned-room-in-${home.slice(1, -1)}`,
    severity: 'error',
    comment: 'Say in .dependency-cruiser.cjs what this folder may import.',
    from: { path: `${home}[^/]+/`, pathNot: `${home}(${planned.join('|')})/` },
    to: {},
  };
}

const rooms = Object.entries(mayImport).flatMap(([room, to]) => door(room, src, room, to));
const innerRooms = Object.entries(inner).flatMap(([outer, plan]) =>
  Object.entries(plan).flatMap(([room, to]) =>
    door(`${outer}${room && `/${room}`}`, `${src}${outer}/`, room, to),
  ),
);

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...rooms,
    ...innerRooms,
    onlyPlanned(src, mayImport),
    ...Object.entries(inner).map(([outer, plan]) => onlyPlanned(`${src}${outer}/`, plan)),
    {
      name: 'engines-are-apart',
      severity: 'error',
      comment: 'Only the registry knows the engines.',
      from: { path: '^src/', pathNot: '^src/engine/[^/]+/|^src/engine/registry[.]ts$' },
      to: { path: '^src/engine/[^/]+/' },
    },
    {
      name: 'engines-know-no-other',
      severity: 'error',
      comment: 'No engine knows another.',
      from: { path: '^src/engine/([^/]+)/' },
      to: { path: '^src/engine/[^/]+/', pathNot: '^src/engine/$1/' },
    },
    {
      name: 'engines-know-no-registry',
      severity: 'error',
      from: { path: '^src/engine/[^/]+/' },
      to: { path: '^src/engine/registry[.]ts$' },
    },
    {
      name: 'only-docker-knows-dockerode',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/docker/' },
      to: { path: 'node_modules/(@types/)?dockerode' },
    },
    {
      name: 'nobody-imports-the-roof',
      severity: 'error',
      comment: 'index.ts is the face of the package, reaper.ts a program of its own.',
      from: { path: '^src/' },
      to: { path: '^src/[^/]+$' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
