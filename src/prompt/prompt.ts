import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type REPLServer, Recoverable, start as startRepl } from 'node:repl';
import { PassThrough, type Readable } from 'node:stream';
import { codeOf, messageOf } from '../base/errors';
import type { Cluster } from '../cluster/cluster';
import { awaited } from './awaited';
import { tellChanges } from './changes';
import { LiveTable } from './live-table';
import type { PromptOutcome, PromptPlace } from './place';
import { processThatLeaves } from './process-that-leaves';
import { showValue } from './shown';
import { Words } from './words';

export const welcome = `pgCluster, the nodes by name, status, sql(pg1, 'SELECT 1') can be typed, and any JavaScript; Tab completes.
Promises are awaited. .help tells more; Ctrl-D ends it.`;

const promptText = 'pg-cluster> ';

/** A prompt at which a cluster’s handle can be used. */
export class Prompt {
  readonly #cluster: Cluster;
  readonly #place: PromptPlace;
  readonly #repl: REPLServer;
  readonly #words: Words;
  readonly #table: LiveTable;
  #untold: string[] = [];
  readonly #end = new AbortController();
  /** Resolves when its person has left. */
  readonly ended: Promise<PromptOutcome>;
  /** While something is awaited, nobody types. */
  #isBusy = false;
  #idle = Promise.resolve();
  #ends = () => {};
  #failures = 0;
  /** What `process.exit()` was given. */
  #exitCode: number | undefined;

  constructor(cluster: Cluster, place: PromptPlace) {
    this.#cluster = cluster;
    this.#place = place;
    const { input, output, isTerminal, colours } = place;
    const repl = startRepl({
      // Commands of a file are handed over one by one: Node would begin each before the last has ended.
      input: isTerminal ? input : new PassThrough(),
      output,
      terminal: isTerminal,
      // It comes once there is something to be seen above it.
      prompt: '',
      useColors: colours,
      ignoreUndefined: true,
      // Ctrl-C gives the prompt back while something is awaited.
      breakEvalOnSigint: true,
    });
    this.#repl = repl;
    this.#table = new LiveTable(place);
    this.#words = new Words(cluster, repl.context, (text) => this.#table.show(text));
    this.#awaitAll();
    this.#showPlainly();
    // To assign it would call a setter, which is that of this process's own globals.
    Object.defineProperty(repl.context, 'process', {
      value: processThatLeaves((code) => this.#leave(code)),
      configurable: true,
      writable: true,
    });
    this.ended = new Promise((resolve) => repl.once('exit', () => resolve(this.outcome)));
    void this.ended.then(() => this.#end.abort());
  }

  /** Shows the nodes and `words`, and takes commands. From now on changes are told. */
  async begin(words: string): Promise<void> {
    const { input, output, isTerminal, historyFile } = this.#place;
    const table = await this.#words.statusTable().catch(messageOf);
    output.write(`${table}\n${words}`);
    if (historyFile !== undefined) await this.#remember(historyFile);
    this.#repl.setPrompt(isTerminal ? promptText : '');
    if (isTerminal) this.#repl.displayPrompt();
    else void this.#takeAll(input);
    void tellChanges(this.#cluster, this.#end.signal, (line) => this.#tell(line));
  }

  /** So far. */
  get outcome(): PromptOutcome {
    return { failures: this.#failures, exitCode: this.#exitCode };
  }

  close(): void {
    this.#repl.close();
  }

  async #takeAll(input: Readable): Promise<void> {
    // It would write dots where a command goes on in the next line.
    this.#repl.displayPrompt = () => {};
    for await (const line of createInterface({ input, signal: this.#end.signal })) {
      if (this.#end.signal.aborted) return;
      this.#repl.emit('line', line);
      await this.#idle;
      if (this.#exitCode !== undefined) return;
    }
    this.#repl.close();
  }

  /** What is typed is awaited; Node's own evaluation does that. */
  #awaitAll(): void {
    const evaluate = this.#repl.eval;
    const own: REPLServer['eval'] = (code, context, file, done) => {
      this.#begins();
      this.#words.refresh();
      evaluate.call(this.#repl, awaited(code), context, file, (error, result) => {
        this.#ends();
        this.#words.refresh();
        // A line that is not complete is no failure.
        if (error && !(error instanceof Recoverable)) this.#failures += 1;
        done(error, result);
      });
    };
    // Node reads it anew for each line. As an option it would not go together with breakEvalOnSigint.
    Object.assign(this.#repl, { eval: own });
  }

  #begins(): void {
    this.#isBusy = true;
    this.#idle = new Promise((resolve) => {
      this.#ends = () => {
        this.#isBusy = false;
        resolve();
        // What came of the command is shown first.
        if (this.#exitCode !== undefined) setImmediate(() => this.close());
      };
    });
  }

  #leave(exitCode: number): void {
    this.#exitCode ??= exitCode;
    if (!this.#isBusy) this.close();
  }

  #showPlainly(): void {
    const { colours } = this.#place;
    const options = { colors: colours, depth: 4, breakLength: Number.POSITIVE_INFINITY };
    const show = (value: unknown) => {
      // What a statement throws at once comes here alone.
      if (this.#isBusy) this.#failures += 1;
      this.#ends();
      if (codeOf(value) === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return this.#interrupted();
      return showValue(this.#words.show(value) ?? value, options);
    };
    // Node reads the options of what writes for it.
    Object.assign(this.#repl, { writer: Object.assign(show, { options }) });
  }

  #interrupted(): string {
    const acts = this.#cluster.timeline.events.filter(({ endedAt }) => endedAt === undefined);
    const goesOn = acts.map(({ act, node }) => (node === undefined ? act : `${act} of ${node}`));
    return goesOn.length === 0
      ? 'Error: interrupted'
      : `Error: interrupted; what has begun goes on, and a line tells its end: ${goesOn.join(', ')}`;
  }

  /** A line of ours, without harm to what is being typed. */
  #tell(line: string): void {
    const { output, isTerminal } = this.#place;
    this.#untold.push(line);
    if (this.#table.isShown) return;
    for (const one of this.#untold) output.write(isTerminal ? `\r\x1b[K· ${one}\n` : `· ${one}\n`);
    this.#untold = [];
    if (isTerminal && !this.#isBusy) this.#repl.displayPrompt(true);
  }

  #remember(file: string): Promise<void> {
    return new Promise((resolve) => {
      try {
        mkdirSync(dirname(file), { recursive: true });
        // Without a history it works as well.
        this.#repl.setupHistory(file, () => resolve());
      } catch {
        resolve();
      }
    });
  }
}
