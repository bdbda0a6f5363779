/** Requests that make something, until they are answered, even if nobody waits for them any more. */
export class PendingRequests {
  readonly #pending = new Set<Promise<unknown>>();

  track<T>(request: Promise<T>): Promise<T> {
    this.#pending.add(request);
    const forget = () => this.#pending.delete(request);
    request.then(forget, forget);
    return request;
  }

  /** Resolves when all have been answered, however that went. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending]);
  }
}
