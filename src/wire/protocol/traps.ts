import { splitStatements } from '../../postgres/sql-script';
import type { Hit, Pattern, TrapSpec } from '../requests';

/** Hears of a hit. When what it returns resolves, the tests have heard of it, too. */
type Listener = (hit: Hit) => Promise<void> | void;

interface Trap {
  readonly id: string;
  readonly spec: TrapSpec;
  readonly matches: (sql: string) => boolean;
  readonly onHit: Listener;
  /** How many statements it may still catch. */
  left: number;
  isDisarmed: boolean;
}

/** A statement that one of them has caught. */
export interface Caught {
  readonly sql: string;
  /** Which of the statements of its Query it is. */
  readonly index: number;
  /** Only all of the Query together matched: then it is the first of them, and its end the last's. */
  readonly isWhole: boolean;
  readonly lose: TrapSpec['lose'];
  readonly ending: TrapSpec['ending'];
  readonly tell: Listener;
  readonly isDisarmed: boolean;
  /** It was lost in another way before the trap could: another statement may be caught. */
  readonly giveBack: () => void;
}

/** The traps in front of one node. */
export class Traps {
  readonly #traps: Trap[] = [];

  /** @param onHit is called for each statement that it has caught, when that is over */
  arm(id: string, spec: TrapSpec, onHit: Listener): void {
    const matches = matcher(spec.pattern);
    this.#traps.push({ id, spec, matches, onHit, left: spec.times, isDisarmed: false });
  }

  disarm(id: string): void {
    const index = this.#traps.findIndex((trap) => trap.id === id);
    for (const trap of index < 0 ? [] : this.#traps.splice(index, 1)) trap.isDisarmed = true;
  }

  /** Whether none can catch anything. */
  get isEmpty(): boolean {
    return this.#traps.length === 0 || !this.#traps.some(({ left }) => left > 0);
  }

  /** Whether executing this statement would be caught before the server gets it. */
  wouldLoseRequest(sql: string): boolean {
    const losesSome = this.#traps.some(({ left, spec }) => left > 0 && spec.lose === 'request');
    return losesSome && this.#find(sql)?.trap.spec.lose === 'request';
  }

  /** The first trap that matches one of the statements of a text, or all of it, catches it. */
  catch(text: string): Caught | undefined {
    const found = this.#find(text);
    if (!found) return undefined;
    const { trap, ...statement } = found;
    trap.left -= 1;
    return {
      ...statement,
      lose: trap.spec.lose,
      ending: trap.spec.ending,
      tell: trap.onHit,
      get isDisarmed() {
        return trap.isDisarmed;
      },
      giveBack: () => {
        trap.left += 1;
      },
    };
  }

  #find(text: string): (Pick<Caught, 'sql' | 'index' | 'isWhole'> & { trap: Trap }) | undefined {
    if (this.isEmpty) return undefined;
    const statements = statementsOf(text);
    for (const trap of this.#traps) {
      if (trap.left === 0) continue;
      const index = statements.findIndex(trap.matches);
      const sql = statements[index] ?? text;
      if (index >= 0) return { trap, sql: sql.trim(), index, isWhole: false };
      if (trap.matches(text)) return { trap, sql: text.trim(), index: 0, isWhole: true };
    }
    return undefined;
  }
}

/**
 * The statements of a Query, without comments before them. A text that PostgreSQL would not take
 * either is one statement.
 */
export function statementsOf(text: string): readonly string[] {
  if (!text.includes(';') && !/^\s*(--|\/\*)/.test(text)) return [text];
  try {
    const statements = splitStatements(text).map(({ sql }) => sql);
    return statements.length === 0 ? [text] : statements;
  } catch {
    return [text];
  }
}

export function matcher(pattern: Pattern): (sql: string) => boolean {
  if ('text' in pattern) {
    const wanted = plain(pattern.text);
    return (sql) => plain(sql).includes(wanted);
  }
  // Neither the global nor the sticky flag: both would remember where they were.
  const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return (sql) => expression.test(sql);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
