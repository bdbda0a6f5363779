/** Lets an error tell the line of the test that made the call: its own stack begins in a socket. */
export function traced<A extends unknown[], R>(
  method: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const site: { stack?: string } = {};
    Error.captureStackTrace(site);
    try {
      return await method(...args);
    } catch (error) {
      if (error instanceof Error) {
        error.stack = `${error.stack}\n${(site.stack ?? '').split('\n').slice(2).join('\n')}`;
      }
      throw error;
    }
  };
}
