#!/bin/sh
# Build step, as postgres: configures the data directory, runs the SQL, shuts down cleanly.
set -eu
cd /pg-cluster
# shellcheck source=/dev/null
. ./rules.sh
# shellcheck source=dockerfiles/finish-data.sh
. ./finish-data.sh
data=/pg-cluster/data.a

cp template/postgresql.conf template/pg_hba.conf "$data"
printf "listen_addresses = '*'\nunix_socket_directories = '/pg-cluster/run'\n" >>"$data/postgresql.conf"

# Nobody but this build can reach the server: no TCP, and the socket's directory is 0700.
printf 'local all all trust\n' >build_hba.conf
if ! bin/pg_ctl -D "$data" -w -t 60 -l build.log start \
  -o "$MAKING_SETTINGS -c listen_addresses='' -c hba_file=/pg-cluster/build_hba.conf" >/dev/null; then
  echo 'the server did not start; it said:' >&2
  cat build.log >&2
  exit 1
fi

# Names come from files through the environment: neither a shell nor psql looks inside them. What
# users set is for their own SQL alone.
run_sql() {
  options='-c client_min_messages=warning'
  if [ "$1" = postgres ]; then options="$options $OWN_OPTIONS"; fi
  PGHOST=/pg-cluster/run PGUSER=$1 PGDATABASE=$2 PGOPTIONS=$options \
    bin/psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f "$3"
}
run_sql postgres postgres template/bootstrap.sql
run_sql postgres "$(cat template/database)" template/in-database.sql
for file in template/init/*.sql; do
  [ -e "$file" ] || continue
  echo "running $file"
  run_sql "$(cat template/user)" "$(cat template/database)" "$file"
done
run_sql postgres postgres template/closing.sql

finish_data
rm -f build_hba.conf build.log
