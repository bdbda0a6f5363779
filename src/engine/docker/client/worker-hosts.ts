import { sayOncePerRun } from '../../../base/machine/say-once-per-run';

/** Those that did not answer this process. */
const leftOut = new Set<string>();

/**
 * In which order a worker of a test runner asks several engines: workers begin at different ones, each
 * always at the same. Without those that did not answer before, as long as others are left.
 */
export function hostsInTurn(hosts: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const worker = Number(env.JEST_WORKER_ID ?? env.VITEST_POOL_ID ?? 1);
  const first = (worker - 1) % hosts.length;
  const order = [...hosts.slice(first), ...hosts.slice(0, first)];
  const answering = order.filter((host) => !leftOut.has(host));
  return answering.length > 0 ? answering : order;
}

/** It did not answer, and another one did. */
export function leaveOut(host: string, why: string): void {
  leftOut.add(host);
  // The subject names a file.
  const subject = `docker-host-${host.replace(/\W+/g, '-')}`.slice(0, 100);
  sayOncePerRun(
    subject,
    `${host} is left out, and its test files go to the others of dockerHosts: ${why}`,
  );
}
