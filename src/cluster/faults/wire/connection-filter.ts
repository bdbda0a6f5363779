import { text, wholeNumber } from '../../../base/value-rules';
import { escapeLiteral } from '../../../postgres/quoted';
import type { ConnectionFilter } from '../../../wire/requests';
import { adminRole } from '../../node/database-roles';
import { holderName } from '../../node/holder-name';

export type { ConnectionFilter };

const name = text(1000, /^[^\0]*$/, 'a text');

/** What clients can be chosen by. */
export const connectionFilter = {
  application: name,
  pid: wholeNumber(1, 4_294_967_295),
  user: name,
  database: name,
};

/** Selects the rows of pg_stat_activity of these clients, but never our own. */
export function backendsWhere({ application, pid, user, database }: ConnectionFilter): string {
  const conditions = [
    "backend_type = 'client backend'",
    `usename <> ${escapeLiteral(adminRole)}`,
    `application_name <> ${escapeLiteral(holderName)}`,
    ...(application === undefined ? [] : [`application_name = ${escapeLiteral(application)}`]),
    ...(pid === undefined ? [] : [`pid = ${pid}`]),
    ...(user === undefined ? [] : [`usename = ${escapeLiteral(user)}`]),
    ...(database === undefined ? [] : [`datname = ${escapeLiteral(database)}`]),
  ];
  return conditions.join(' AND ');
}
