import { bootstrapRole } from '../../engine/template';

/** The superuser that the handle works as; the tests' own role may be altered or dropped. */
export const adminRole = 'pgcluster_admin';

/** What slaves stream as. */
export const replicationRole = 'pgcluster_replication';

/** Names that the option `user` cannot have. */
export const reservedRoles: readonly string[] = [bootstrapRole, adminRole, replicationRole];
