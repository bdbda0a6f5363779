/**
 * Adds our matchers to Jest's `expect`: `toHaveLostNothing()`, `toBeStreaming()`, `toHaveRun()`.
 *
 * The preset does it for you: it lists this module in `setupFilesAfterEnv`. Jest runs a preset's
 * modules and then the project's own, so neither list replaces the other. Without the preset, list
 * the module yourself, or import it in a set-up file or a test file.
 *
 * @example
 * // jest.config.js
 * module.exports = {
 *   testEnvironment: 'pg-cluster',
 *   setupFilesAfterEnv: ['jest-environment-pg-cluster/matchers'],
 * };
 *
 * @module
 */
import { matchers } from '../../runner/matchers/matchers';

export type { PgClusterMatchers } from './matcher-types';

// Jest itself provides this module to every test file, also with `injectGlobals: false`.
const { expect } = require('@jest/globals') as { expect: { extend(matchers: object): void } };

expect.extend(matchers);
