import { types } from 'node:util';
import { type Context, runInContext } from 'node:vm';

/** JavaScript's own error classes. */
const errorClasses = [
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const;
const classes = ['Object', 'Array', 'Date', 'Function', 'Promise', ...errorClasses] as const;

/** The classes of what we hand to tests. */
type Builtins = Pick<typeof globalThis, (typeof classes)[number]>;

/**
 * A realm of JavaScript: code with built-in classes of its own. Tests run in one, Jest's sandbox,
 * where an array or an error of ours is no instance of Array or Error.
 */
export class Realm {
  /** The realm that this package runs in. */
  static readonly own = new Realm(globalThis);

  readonly #builtins: Builtins;

  private constructor(global: typeof globalThis) {
    // Taken now, since a test may replace them later: fake timers replace Date.
    this.#builtins = Object.fromEntries(classes.map((name) => [name, global[name]])) as Builtins;
  }

  static of(context: Context): Realm {
    return new Realm(runInContext('globalThis', context));
  }

  /**
   * A frozen object of this realm with the methods and getters of `source`. What they return,
   * resolve to and throw is of this realm. An error that they reject with shows the line of the
   * call.
   */
  handle<T extends object>(source: T): T {
    const handle = new this.#builtins.Object();
    for (const [key, given] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
      const { get, value } = given;
      const property = get
        ? { get: this.#function(key, get) }
        : { value: typeof value === 'function' ? this.#function(key, value) : this.adopt(value) };
      Object.defineProperty(handle, key, { ...property, enumerable: true });
    }
    // Neither tests nor Jest may take it apart: Jest empties the globals of a file that has ended.
    return Object.freeze(handle) as T;
  }

  /** The same value in this realm. Data and errors of other realms are copied; the rest stays. */
  adopt<T>(value: T): T {
    return this.#adopt(value) as T;
  }

  #function(name: string, inner: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    const outer = (...args: unknown[]): unknown => {
      const site: { stack?: string } = {};
      Error.captureStackTrace(site, outer);
      try {
        const result = inner(...args);
        return types.isPromise(result) ? this.#promise(result, site) : this.adopt(result);
      } catch (error) {
        throw this.adopt(error);
      }
    };
    Object.setPrototypeOf(outer, this.#builtins.Function.prototype);
    return Object.defineProperty(outer, 'name', { value: name });
  }

  #promise(inner: Promise<unknown>, site: { readonly stack?: string }): Promise<unknown> {
    return new this.#builtins.Promise((resolve, reject) => {
      inner.then(
        (value) => resolve(this.adopt(value)),
        (reason: unknown) => {
          const error = this.adopt(reason);
          // The error's own stack begins in a socket.
          if (error instanceof this.#builtins.Error) {
            error.stack = `${error.stack}\n${(site.stack ?? '').split('\n').slice(1).join('\n')}`;
          }
          reject(error);
        },
      );
    });
  }

  #adopt(value: unknown, copies?: Map<object, object>): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (this.#has(value)) return value;
    if (types.isNativeError(value)) return this.#adoptError(value, copies ?? new Map());
    if (types.isDate(value)) return new this.#builtins.Date(value.getTime());
    if (Array.isArray(value)) {
      const copy = this.#builtins.Array.from(value, (element) => this.#adopt(element, copies));
      return Object.isFrozen(value) ? Object.freeze(copy) : copy;
    }
    // Jest's sandbox shares our Buffer. Other objects have methods that rely on their own class.
    return isPlain(value) ? this.#adoptPlain(value, copies) : value;
  }

  #has(value: object): boolean {
    return value instanceof this.#builtins.Object;
  }

  #adoptPlain(value: Record<string, unknown>, copies?: Map<object, object>): object {
    const copy: Record<string, unknown> = new this.#builtins.Object() as Record<string, unknown>;
    for (const key of Object.keys(value)) {
      const element = this.#adopt(value[key], copies);
      if (key === '__proto__') define(copy, key, { value: element, enumerable: true });
      else copy[key] = element;
    }
    return Object.isFrozen(value) ? Object.freeze(copy) : copy;
  }

  /** A copy with all properties, made from this realm's version of the same built-in class. */
  #adoptError(error: Error, copies: Map<object, object>): object {
    const known = copies.get(error);
    if (known) return known;
    const name = builtinClassOf(error);
    const copy: Error =
      name === 'AggregateError'
        ? new this.#builtins.AggregateError([], error.message)
        : new this.#builtins[name](error.message);
    copies.set(error, copy);
    for (const key of Reflect.ownKeys(error)) {
      const value = this.#adopt(Reflect.get(error, key), copies);
      const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
      define(copy, key, { value, enumerable });
    }
    for (const key of ['name', 'stack'] as const) {
      if (copy[key] !== error[key]) define(copy, key, { value: error[key] });
    }
    return copy;
  }
}

function define(target: object, key: PropertyKey, property: PropertyDescriptor): void {
  Object.defineProperty(target, key, { writable: true, configurable: true, ...property });
}

/** Whether an object was made by braces or JSON, in any realm. */
function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The nearest class of an error that every realm has. */
function builtinClassOf(error: Error): (typeof errorClasses)[number] {
  for (let at: object | null = error; at; at = Object.getPrototypeOf(at)) {
    const name = at.constructor?.name;
    const found = errorClasses.find((known) => known === name);
    if (found) return found;
  }
  return 'Error';
}
