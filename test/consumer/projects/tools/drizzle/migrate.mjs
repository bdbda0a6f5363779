import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';

export default ({ client }) => migrate(drizzle(client), { migrationsFolder: 'migrations' });
