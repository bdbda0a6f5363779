#!/bin/sh
# Copies the master, as it is now, and follows it.
set -e
pg_basebackup -h master -U testsuite -D "$PGDATA" -R -X stream --checkpoint=fast
exec postgres
