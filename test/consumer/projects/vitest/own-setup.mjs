// The project's own set-up file, which finds the URLs.
process.env.DATABASE_URL = globalThis.PG_MASTER_URL;
