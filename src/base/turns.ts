/** Things that must not be done at the same time: each begins when the one before has ended. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** The result of `work`, which is called when its turn has come. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    // Whoever asked for it hears of a failure.
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when all that was asked for so far has ended. */
  get over(): Promise<unknown> {
    return this.#last;
  }
}
