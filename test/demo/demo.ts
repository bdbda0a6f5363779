import { play } from './play';

/** Plays the recipe's three acts in a small project, with the real Jest. */
async function main(): Promise<void> {
  say('a project with this jest.config.js runs: jest --verbose\n');
  say(
    "  preset: 'jest-environment-pg-cluster', testEnvironmentOptions: { engine: 'local', slaves: 2 }\n\n",
  );
  const { code, seconds } = await play('project', ['--verbose']);
  say(
    code === 0
      ? `\nThree servers were started, broken, mended and removed in ${seconds} s. The tests are in test/demo/project.\n`
      : `\nJest ended with ${code} after ${seconds} s.\n`,
  );
  process.exitCode = code;
}

function say(text: string): void {
  process.stderr.write(text);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
