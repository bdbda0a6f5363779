import { pgCluster } from 'jest-environment-pg-cluster/vitest';
import { defineConfig } from 'vitest/config';

const setupFiles = ['./own-setup.mjs'];
export default defineConfig({
  plugins: [pgCluster({ engine: 'local', slaves: 0 })],
  test: {
    setupFiles,
    projects: [
      { extends: true, test: { name: 'one', include: ['left-open.test.mjs'], setupFiles } },
      { extends: true, test: { name: 'two', include: ['one-slave-less.test.mjs'] } },
      { test: { name: 'without', include: ['without.test.mjs'], setupFiles } },
    ],
  },
});
