/**
 * In CI a test that fails is run once more, at the end of its block: two files at a time share two
 * cores there with dozens of servers, and nothing may land for a stall of the machine. That is not
 * for hiding: the first failure is printed, and the figures at the end count such tests. Who works
 * on this package sees every failure, as nowhere else anything is tried again.
 */
if (process.env.CI) jest.retryTimes(1, { logErrorsBeforeRetry: true });
