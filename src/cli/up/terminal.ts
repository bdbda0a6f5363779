import { homedir } from 'node:os';
import { join } from 'node:path';
import { terminalTraits } from '../../base/terminal-traits';
import type { OwnTerminal } from '../../prompt/visit';

/** Standard input and output, with the colours that they may have. */
export function ownTerminal(): OwnTerminal & { readonly isTerminal: boolean } {
  const { stdin: input, stdout: output } = process;
  const isTerminal = !!input.isTTY && !!output.isTTY;
  return {
    input,
    output,
    isTerminal,
    colours: isTerminal && terminalTraits(output).colours,
    historyFile: isTerminal ? historyFile() : undefined,
  };
}

/** Where what was typed is kept; PG_CLUSTER_HISTORY names another file, or none if it is empty. */
function historyFile(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.PG_CLUSTER_HISTORY !== undefined) return env.PG_CLUSTER_HISTORY || undefined;
  const state = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'jest-environment-pg-cluster', 'history');
}
