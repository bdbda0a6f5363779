import '../support/suppressed-error';

test('when a test and the removal of what it used fail, both errors are shown', async () => {
  async function failing(): Promise<void> {
    await using _used = {
      [Symbol.asyncDispose]: async () => {
        throw new Error('it stays');
      },
    };
    throw new Error('it is wrong');
  }
  const failed = await failing().catch((error: Error) => error);
  expect(failed?.stack).toMatch(/it is wrong[\s\S]*could not be removed:[\s\S]*it stays/);
});
