import type { ClusterOfFile } from '../runner/cluster-of-file.js';

/** What a worker of Vitest knows while files with our environment run in it. */
export interface Worker {
  /** The options of the environment, as Vitest gives them: of config or docblock. */
  readonly given: Readonly<Record<string, unknown>>;
  /** The cluster of the file that runs now, and what ends its use. */
  close?: (() => Promise<void>) | undefined;
  cluster?: ClusterOfFile | undefined;
}

const key = Symbol.for('jest-environment-pg-cluster: the worker of Vitest');

type World = typeof globalThis & { [key]?: Worker | undefined };

/** Undefined where files have another environment. */
export function currentWorker(): Worker | undefined {
  return (globalThis as World)[key];
}

/** Environment and setup file are loaded apart, so they meet at the global object. */
export function setWorker(worker: Worker | undefined): void {
  (globalThis as World)[key] = worker;
}
