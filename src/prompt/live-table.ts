import { beat } from '../base/deadline';
import type { PromptPlace } from './place';
import { type Shown, shown } from './shown';

const refreshMs = 500;
const hint = '(Enter ends this)';

/** Where there is a terminal, a table is drawn anew in its place until a key is pressed. */
export class LiveTable {
  readonly #place: PromptPlace;

  #isShown = false;

  constructor(place: PromptPlace) {
    this.#place = place;
  }

  /** While it is, nothing else can be written without harm to it. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Resolves to the last table. */
  async show(table: () => Promise<string>): Promise<Shown> {
    if (!this.#place.isTerminal) return shown(await table());
    const { input, output } = this.#place;
    const end = new AbortController();
    const stop = () => end.abort();
    input.once('keypress', stop);
    this.#isShown = true;
    let text = '';
    let drawn = '';
    try {
      while (!end.signal.aborted) {
        text = await table();
        output.write(`${this.#erasing(drawn)}${text}\n${hint}`);
        drawn = `${text}\n${hint}`;
        await beat(refreshMs, end.signal);
      }
    } finally {
      this.#isShown = false;
      input.removeListener('keypress', stop);
      output.write(this.#erasing(drawn));
    }
    return shown(text);
  }

  /** Leads back to where a text began, and clears all that follows. */
  #erasing(text: string): string {
    if (text === '') return '';
    const { columns = 80 } = this.#place.output;
    const lines = text.split('\n').map(({ length }) => Math.max(1, Math.ceil(length / columns)));
    const up = lines.reduce((sum, count) => sum + count, 0) - 1;
    return `\r${up > 0 ? `\x1b[${up}A` : ''}\x1b[J`;
  }
}
