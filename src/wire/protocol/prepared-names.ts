import type { Asked, AskedAbout, Portal, Prepared } from './asked';
import type { Bound } from './frontend-messages';
import { frontend } from './message-types';

/** More than clients have; a hostile one must not make the wire grow. */
const mostText = 16 * 1024 * 1024;
const mostStatements = 10_000;
const mostPortals = 1_000;

const unknown: Prepared = { by: frontend.parse, name: '', sql: '', replaced: undefined };

/** What a client's prepared statements and portals are called, from its own point of view. */
export class PreparedNames {
  readonly #statements = new Map<string, Prepared>();
  readonly #portals = new Map<string, Portal>();
  #text = 0;

  prepare(name: string, sql: string): Prepared {
    const replaced = name === '' ? undefined : this.#statements.get(name);
    const prepared = { by: frontend.parse, name, sql, replaced };
    this.#set(name, prepared);
    return prepared;
  }

  bind(name: string, statement: string, bound: Bound): Portal {
    const prepared = this.#statements.get(statement) ?? unknown;
    const portal = { by: frontend.bind, prepared, bound };
    this.#portals.set(name, portal);
    if (this.#portals.size > mostPortals) removeOldest(this.#portals);
    return portal;
  }

  statement(name: string): Prepared | undefined {
    return this.#statements.get(name);
  }

  portal(name: string): Portal | undefined {
    return this.#portals.get(name);
  }

  closeStatement(name: string): AskedAbout {
    const about = this.#statements.get(name);
    if (about) this.#set(name, undefined);
    return { by: frontend.close, about };
  }

  closePortal(name: string): AskedAbout {
    const about = this.#portals.get(name);
    this.#portals.delete(name);
    return { by: frontend.close, about };
  }

  /** The server did not do it: an error before it, or its own, kept it from that. */
  undo(asked: Asked): void {
    if (asked.by === frontend.parse) {
      const prepared = asked as Prepared;
      const { name, replaced } = prepared;
      if (name !== '' && this.#statements.get(name) === prepared) this.#set(name, replaced);
    }
    if (asked.by === frontend.close) {
      const { about } = asked as AskedAbout;
      if (about && 'sql' in about && !this.#statements.has(about.name))
        this.#set(about.name, about);
    }
  }

  #set(name: string, prepared: Prepared | undefined): void {
    this.#text += (prepared?.sql.length ?? 0) - (this.#statements.get(name)?.sql.length ?? 0);
    if (prepared) this.#statements.set(name, prepared);
    else this.#statements.delete(name);
    while (this.#text > mostText || this.#statements.size > mostStatements) {
      this.#text -= removeOldest(this.#statements)?.sql.length ?? this.#text;
    }
  }
}

function removeOldest<Value>(map: Map<string, Value>): Value | undefined {
  const [oldest] = map;
  if (oldest) map.delete(oldest[0]);
  return oldest?.[1];
}
