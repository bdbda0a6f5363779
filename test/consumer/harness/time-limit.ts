// Each test runs a whole Jest or two. The harness ends one that hangs before this, and shows what
// it wrote.
jest.setTimeout(300_000);
