import { doctorText } from '../../src/cli/doctor-text';
import type { DiagnosedEngine } from '../../src/engine/diagnose-engines';
import type { Diagnosis } from '../../src/engine/diagnosis';
import { engineOf } from '../../src/engine/registry';

const nothing: Diagnosis = {
  opens: false,
  problem: undefined,
  tried: [],
  facts: [],
  limits: [],
  kept: [],
};

function diagnosed(kind: string, some: Partial<Diagnosis>): DiagnosedEngine {
  return { entry: engineOf(kind), diagnosis: { ...nothing, ...some } };
}

test('each problem has its remedy on its line; amounts are in units; what is unknown is left out', () => {
  const docker = diagnosed('docker', {
    opens: true,
    tried: [
      {
        ...{ name: 'Docker', where: '/a.sock', isAuto: true, isTaken: true, works: true },
        ...{ said: 'answers: Docker 1', help: undefined },
      },
      {
        ...{ name: 'Colima', where: '/b.sock', isAuto: true, isTaken: false, works: false },
        ...{ said: 'there is no such socket', help: 'colima start' },
      },
      {
        ...{ name: 'context far', where: 'the context far (h)', isAuto: false, isTaken: false },
        ...{ works: true, said: 'answers: Docker 2', help: 'to use it: x' },
      },
    ],
    facts: [
      { key: 'rootless', label: 'rootless', value: true },
      { key: 'memoryBytes', label: 'memory', value: 2 ** 31 },
      { key: 'diskFreeBytes', label: 'disk', value: null },
    ],
    limits: [{ what: 'little', help: 'more' }],
    kept: [
      { kind: 'images', name: 'a', bytes: 2 ** 20, unusedMs: 0 },
      { kind: 'images', name: 'b', bytes: 2 ** 20, unusedMs: 3 * 86_400_000 },
    ],
  });
  const local = diagnosed('local', { opens: true, problem: 'no programs' });
  const auto = { taken: docker, why: 'an engine answers' };
  expect(doctorText({ all: [docker, local], auto })).toBe(`\
engine: 'auto' runs nodes in Docker, since an engine answers.

engine: 'docker' would run nodes
  looked for
    * Docker, /a.sock: answers: Docker 1
    - Colima, /b.sock: there is no such socket -> colima start
  also here
    + the context far (h): answers: Docker 2 -> to use it: x
  found
    rootless  yes
    memory    2.0 GB
  limits
    ! little -> more
  kept for the next run
    2 templates as images, 2.0 MB; the oldest was used 3 days ago

engine: 'local' would not: no programs
`);
});

test('an engine that would be taken and would not work is told first', () => {
  const local = diagnosed('local', { opens: true, problem: 'no programs' });
  expect(doctorText({ all: [local], auto: { taken: local, why: 'x' } })).toMatch(
    /^engine: 'auto' runs nodes as local processes, since x\.\nThat would not work: no programs\n/,
  );
  expect(doctorText({ all: [], auto: undefined })).toMatch(/^engine: 'auto' finds nothing/);
});
