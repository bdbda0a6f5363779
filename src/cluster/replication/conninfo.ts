import type { Endpoint } from '../../postgres/endpoint';
import { replicationRole } from '../roles';

/**
 * primary_conninfo: where a slave finds its upstream. Without the password, since servers log
 * this setting when it changes. The slave names itself by its cluster_name.
 * Nodes speak no TLS; to ask for it first would take a round trip.
 */
export function primaryConninfo({ host, port }: Endpoint): string {
  return `host=${host} port=${port} user=${replicationRole} sslmode=disable gssencmode=disable`;
}

/** libpq's password file for that: any host, port and database. */
export function passfile(replicationPassword: string): string {
  return `*:*:*:${replicationRole}:${replicationPassword}\n`;
}
