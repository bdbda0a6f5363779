#!/bin/sh
# For start-node.sh: the first start of a node, and the secrets that it is born with.

# Secrets come on the standard input: the engine tells everybody who asks what is in a container's
# environment. Other lines than ours may come first; see start-script.ts.
take_secrets() {
  # An earlier start took them, but did not finish the birth.
  if [ -e run/has-secrets ]; then return; fi
  for file in pgpass born.sql server.crt server.key pg_hba.conf; do : >"run/$file"; done
  while IFS= read -r line <&4; do
    case $line in
    [0-9]*' pgpass '*) printf '%s\n' "${line#* pgpass }" >>run/pgpass ;;
    [0-9]*' sql '*) printf '%s\n' "${line#* sql }" >>run/born.sql ;;
    [0-9]*' cert '*) printf '%s\n' "${line#* cert }" >>run/server.crt ;;
    [0-9]*' key '*) printf '%s\n' "${line#* key }" >>run/server.key ;;
    [0-9]*' hba '*) printf '%s\n' "${line#* hba }" >>run/pg_hba.conf ;;
    [0-9]*' here') echo "done ${line%% *}" ;;
    [0-9]*' born')
      : >run/has-secrets
      echo "done ${line%% *}"
      return
      ;;
    esac
  done
  echo 'the engine closed the standard input before the secrets came' >&2
  exit 1
}

# The first start: keeps what was passed in, to be born again from.
be_born() {
  take_secrets
  mkdir -p snapshots/born
  # What SQL in `init` has set by ALTER SYSTEM comes with the image.
  : >snapshots/born/postgresql.auto.conf
  [ -n "$PG_CLUSTER_CLONE" ] || cp data/postgresql.auto.conf snapshots/born
  # shellcheck disable=SC2153
  printf '%s' "$PG_CLUSTER_CONF" >>snapshots/born/postgresql.auto.conf
  printf '%s' "$PG_CLUSTER_ROLE" >snapshots/born/role
  if [ -n "$PG_CLUSTER_CLONE" ]; then
    clone snapshots/born/postgresql.auto.conf
  else
    cp snapshots/born/postgresql.auto.conf data/postgresql.auto.conf
    use_disk
  fi
  if [ -s run/born.sql ]; then : >run/is-newborn; fi
  : >run/born
}

# Gives the roles their passwords as soon as the server takes local connections.
run_born_sql() {
  tries=0
  status=2
  until [ "$tries" -ge 6000 ]; do
    tries=$((tries + 1))
    if [ -S run/.s.PGSQL.5432 ]; then
      # psql ends with 2 when it got no connection, with 3 when a statement failed.
      status=0
      PGOPTIONS='-c statement_timeout=0 -c lock_timeout=0' \
        bin/psql -X -q -v ON_ERROR_STOP=1 -h /pg-cluster/run -U postgres -d postgres -f run/born.sql \
        >/dev/null 2>run/born.log || status=$?
      [ "$status" -eq 2 ] || break
    fi
    sleep 0.01
  done
  [ "$status" -eq 0 ] || cat run/born.log >&2
}

# From then on the master is born with its passwords. $1 has been made the same as it was born before.
give_passwords_at_birth() {
  cp base/postgresql.auto.conf "$1"
  bin/postgres --single -D "$1" postgres <run/born.sql >run/born.log 2>&1
  if grep -E '(ERROR|FATAL|PANIC): ' run/born.log; then return 1; fi
  rm -f "$1/postmaster.opts" "$1/postgresql.auto.conf"
  sh save-snapshot.sh born "$1"
  : >run/born.sql
  note_same born "$1"
}
