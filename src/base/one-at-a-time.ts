/** Runs pieces of work one after the other: each begins when the one before has ended. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** The result of `work`, which is called when its turn has come. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    // The caller of `run` hears of a failure.
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when all work that was asked for so far has ended; never rejects. */
  get settled(): Promise<unknown> {
    return this.#last;
  }
}
