/** How connections of ours begin their application_name, in pg_stat_activity and elsewhere. */
export const ownApplicationName = 'jest-environment-pg-cluster';
