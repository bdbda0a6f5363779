import { Script } from 'node:vm';

/**
 * Code whose value is awaited, if it is an expression: so `pgCluster.failover()` shows what came of
 * it, and not a promise. Anything else stays as it is: statements have no value, and a line that is
 * not complete yet is for the prompt to go on with.
 */
export function awaited(code: string): string {
  const inner = code.trimEnd().replace(/;+$/, '');
  const expression = `await (${inner}\n)`;
  // In brackets of two kinds: something like `a) + (b` fits into one of them.
  const isOne = isCode(`async () => ${expression}`) && isCode(`async () => [${inner}\n]`);
  return isOne ? expression : code;
}

function isCode(text: string): boolean {
  try {
    // It is compiled, and does not run.
    return new Script(text) instanceof Script;
  } catch {
    return false;
  }
}
