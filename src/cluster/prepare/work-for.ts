import { dirname, join } from 'node:path';
import { childEnv } from '../../base/machine/child-environment';
import type { Login } from '../../postgres/connection';
import { connectionUrl } from '../../postgres/connection-url';
import type { PrepareSpec } from '../cluster-spec';
import type { Work } from './prepare-messages';

/**
 * What runs for this spec, and where it finds the server.
 * @param caFile has the authority by which it knows that, if it speaks TLS
 */
export function workFor(
  { run, directory }: PrepareSpec,
  login: Login,
  caFile: string | undefined,
): Work {
  return {
    argv:
      'script' in run
        ? // In src/ as in dist/: the compiled file.
          [process.execPath, join(__dirname, '../../..', scriptProcess), run.script]
        : inShell(run.command),
    cwd: directory,
    env: {
      ...withoutOthers(childEnv()),
      ...environmentOf(login, caFile),
      PATH: pathFrom(directory),
    },
  };
}

const scriptProcess = 'dist/cluster/prepare/script-process.js';

/** The shell that `npm run` would take. */
function inShell(command: string): Work['argv'] {
  return [process.env.npm_config_script_shell || 'sh', '-c', command];
}

/** Programs of packages are found by their names, as in scripts that npm runs. */
function pathFrom(directory: string): string {
  const above = dirname(directory);
  const rest = above === directory ? (process.env.PATH ?? '/usr/bin:/bin') : pathFrom(above);
  return `${join(directory, 'node_modules', '.bin')}:${rest}`;
}

function environmentOf(
  { endpoint, user, password, database }: Login,
  caFile: string | undefined,
): NodeJS.ProcessEnv {
  const { host, port } = endpoint;
  return {
    DATABASE_URL: connectionUrl({ user, password, endpoints: [endpoint], database, caFile }),
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    ...(caFile !== undefined && { PGSSLMODE: 'verify-full', PGSSLROOTCERT: caFile }),
  };
}

/** libpq's variables may be about another server, and those of Jest and Vitest say that tests run. */
function withoutOthers(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(PG[A-Z]+|JEST_WORKER_ID|VITEST(_\w+)?)$/.test(name)),
  );
}
