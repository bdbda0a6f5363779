import { pathToFileURL } from 'node:url';
import { Client } from 'pg';

/**
 * A process of its own that runs a module of the option `prepare`: its default export is called with
 * the URL and a connection. It ends when nothing is left open.
 */
type Script = (o: { url: string; client: Client }) => unknown;

/** A CommonJS module may be wrapped once more: `module.exports.default`, as compilers write it. */
function scriptOf(module: unknown): Script | undefined {
  for (let found = module; found; found = (found as { default?: unknown }).default) {
    if (typeof found === 'function') return found as Script;
  }
  return undefined;
}

async function run(path: string, url: string): Promise<void> {
  const script = scriptOf(await import(pathToFileURL(path).href));
  if (!script) throw new Error(`${path} has no function as its default export`);
  const client = new Client({ connectionString: url, application_name: 'prepare' });
  await client.connect();
  try {
    await script({ url, client });
  } finally {
    await client.end();
  }
}

const [, , path = ''] = process.argv;
run(path, process.env.DATABASE_URL ?? '').catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
