import { PrismaPg } from '@prisma/adapter-pg';
import { defineConfig } from 'prisma/config';

// With `engine: 'js'`, the schema engine is WebAssembly from npm, and connects by a driver.
export default defineConfig({
  experimental: { adapter: true },
  engine: 'js',
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }),
});
