import { randomUUID } from 'node:crypto';

/**
 * Settings that no template of a former run has, for a start whose template is to fail: one that is
 * in a cache would answer in its place. What fails is not kept, so nothing heaps up.
 */
export const unseen = () => ({ 'test.unseen': randomUUID() });
