import { isIPv4 } from 'node:net';
import { expected, type Rule, type Ruled } from '../base/value-rules';

/** A name as PostgreSQL takes it between double quotes: 63 bytes, longer ones would be cut. */
export function nameRule(forbidden?: RegExp, reserved: readonly string[] = []): Rule<string> {
  return (value) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    if (typeof value !== 'string' || value === '' || /[\x00-\x1f\x7f]/.test(value)) {
      return expected('a non-empty string without control characters', value);
    }
    const bytes = Buffer.byteLength(value);
    if (bytes > 63) {
      return { problem: `has ${bytes} bytes, but PostgreSQL's names have at most 63` };
    }
    if (forbidden?.test(value)) {
      return expected('free of the characters ? and #, which no URL can carry to pg', value);
    }
    if (reserved.includes(value)) {
      return { problem: `cannot be ${JSON.stringify(value)}: the cluster itself needs that role` };
    }
    return { value };
  };
}

/** Its problem, unlike those of other rules, does not show what was given. */
export function passwordRule(value: unknown): Ruled<string> {
  return typeof value === 'string' && /^[^\0]{1,1000}$/.test(value)
    ? { value }
    : { problem: 'must be a non-empty string without NUL of at most 1000 characters' };
}

/** Where several engines are, as in DOCKER_HOST. */
export function hostsRule(value: unknown): Ruled<readonly string[]> {
  const isHost = (one: unknown) =>
    typeof one === 'string' && /^(unix|ssh|tcp|http|https|npipe):\/\/\S+$/.test(one);
  return Array.isArray(value) && value.length > 0 && value.every(isHost)
    ? { value: [...new Set<string>(value)] }
    : expected(
        "a list of engines' addresses, such as ['ssh://me@big', 'tcp://10.0.0.5:2376']",
        value,
      );
}

/** The address of one network, which URLs can hold, or a name for it. */
export function addressRule(value: unknown): Ruled<string> {
  const isAddress = (text: string) => isIPv4(text) && text !== '0.0.0.0';
  const isName = (text: string) => /^[\w-]+(\.[\w-]+)*$/.test(text) && !/^[\d.]*$/.test(text);
  return typeof value === 'string' && (isAddress(value) || isName(value))
    ? { value }
    : expected(
        "an IPv4 address of the engine's machine, such as '10.0.0.5', or a name for it",
        value,
      );
}
