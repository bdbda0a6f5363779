import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../../src/base/machine/child-environment';
import { keepEnv } from '../support/env';
import { useFolder } from '../support/folder';
import { until } from '../support/until';

keepEnv(afterEach);
// With a space in its name.
const directory = useFolder('a guard');

/** With a reaper of its own. */
function guardAnew(): void {
  jest.isolateModules(() => {
    const { guard } =
      require('../../src/cleanup/guard') as typeof import('../../src/cleanup/guard');
    guard('local');
  });
}

test.each([
  [undefined, undefined],
  ['--inspect=9229 --max-old-space-size=99', undefined],
  ['--require /a/.pnp.cjs --inspect', '--require /a/.pnp.cjs'],
  [
    '--experimental-loader=file:///a/.pnp.loader.mjs',
    '--experimental-loader file:///a/.pnp.loader.mjs',
  ],
  ['--inspect -r "/with space/\\"x\\".cjs" -C dev', '-r "/with space/\\"x\\".cjs" -C dev'],
  ['--import ./hook.mjs', '--import ./hook.mjs'],
])('from NODE_OPTIONS %s our processes inherit %s', (given, kept) => {
  expect(childEnv({ NODE_OPTIONS: given, OTHER: 'x' })).toEqual(
    kept === undefined ? { OTHER: 'x' } : { OTHER: 'x', NODE_OPTIONS: kept },
  );
});

test('the reaper runs with the hooks that NODE_OPTIONS names', async () => {
  const [hook, loaded] = [join(directory, 'hook.cjs'), join(directory, 'loaded')];
  writeFileSync(hook, `require('fs').writeFileSync(${JSON.stringify(loaded)}, '')`);
  process.env.NODE_OPTIONS = `--require "${hook}"`;
  guardAnew();
  await until('the hook to be loaded', () => existsSync(loaded));
});

test('a reaper that cannot start is reported once, with the reason', async () => {
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  process.env.NODE_OPTIONS = `--require "${join(directory, 'missing.cjs')}"`;
  guardAnew();
  await until('a warning', () => said.length > 0);
  write.mockRestore();
  expect(said).toEqual([
    expect.stringMatching(/nothing will remove .*Cannot find module.*missing\.cjs/),
  ]);
});
