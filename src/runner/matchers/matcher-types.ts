/** What the package adds to `expect`. */
export interface PgClusterMatchers<R> {
  /**
   * For what `ledger.verify()` resolves to: every acknowledged write is there, and no row is there
   * that was never sent, or that was refused. Unknown writes may or may not be there. It is an
   * error if nothing was acknowledged, since such a report proves nothing.
   *
   * @example
   * expect(await ledger.verify()).toHaveLostNothing();
   */
  toHaveLostNothing(): R;
  /**
   * For what `pgCluster.status()` resolves to: every node runs and answers, and every slave
   * streams.
   *
   * @example
   * expect(await pgCluster.status()).toBeStreaming();
   */
  toBeStreaming(): R;
  /**
   * For a node: clients ran a statement there since the running test began, with its hooks. It looks
   * at what `node.queries()` tells, so it needs `await`. When it fails, it shows what was run, and
   * which node ran the statement instead.
   *
   * @param statement a regular expression, or a text that the statement contains, whatever its case
   * and white space
   * @param o.since counts from then on instead, in milliseconds since the epoch
   *
   * @example
   * await app.listOrders();
   * await expect(pgCluster.slaves[0]).toHaveRun(/from orders/i);
   * await expect(pgCluster.master).not.toHaveRun(/from orders/i);
   */
  toHaveRun(statement: RegExp | string, o?: { since?: number }): Promise<void>;
}
