/** What this run's nodes run on; most files are run on both. */
export const engine = process.env.PG_CLUSTER_TEST_ENGINE === 'local' ? 'local' : 'docker';
