/**
 * What a test throws when it fails, and the removal of what it was using fails as well: both are
 * told. swc 1.16 names this class in the code that `await using` becomes, but does not define it.
 */
class SuppressedError extends Error {
  constructor(ofRemoval: unknown, ofTest: unknown) {
    super('a test failed, and the removal of what it was using, too');
    const told = (error: unknown) => (error instanceof Error ? error.stack : String(error));
    this.stack = `${told(ofTest)}\n\nWhat it was using could not be removed:\n${told(ofRemoval)}`;
  }
}

Object.assign(globalThis, { _SuppressedError: SuppressedError });
