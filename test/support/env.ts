/**
 * Puts the variables of this process back as they are now.
 * @param after when: `afterEach` or `afterAll`
 */
export function keepEnv(after: (putBack: () => void) => void): void {
  const before = { ...process.env };
  after(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
}
