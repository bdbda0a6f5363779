import { type Background, inBackground } from './background';
import { acquireEngine } from './index';

declare global {
  var engineSetUp: Background<{ stop(): Promise<void> }> | undefined;
}

/**
 * Jest's globalSetup of the projects that need containers. Several projects of one run may call it;
 * one engine is enough. On a new machine that takes a minute or two: the files that need it wait, and
 * others begin. Images of other versions than the default are brought in by the files that need them.
 */
export default function globalSetup(): void {
  globalThis.engineSetUp ??= inBackground('engine', () => acquireEngine({ majors: [17] }));
}
