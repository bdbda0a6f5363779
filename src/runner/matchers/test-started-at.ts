/**
 * The global by which the environment tells matchers when the running test began, in milliseconds
 * since the epoch.
 */
export const testStartedAt = Symbol.for('jest-environment-pg-cluster: when the test began');
