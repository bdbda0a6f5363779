import { pgCluster } from 'jest-environment-pg-cluster/vitest';
import { defineConfig } from 'vitest/config';

const { OPTIONS = '{}', SETTINGS = '{}' } = process.env;
const options = { engine: 'local', slaves: 1, ...JSON.parse(OPTIONS) };

export default defineConfig({
  plugins: [pgCluster(options)],
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['./own-setup.mjs'],
    maxWorkers: 2,
    ...JSON.parse(SETTINGS),
  },
});
