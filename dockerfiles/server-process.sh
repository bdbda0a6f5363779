#!/bin/sh
# For start-node.sh: starts the server, sends it signals and ends it.

# The process that waits for the server, and how many servers there were before. The server's own
# process id is in run/server, as soon as it has one.
keeper=
generation=0
giving_passwords=
start_server() {
  # A killed server has left these. In a container that was started again, another process may have
  # its id.
  rm -f data/postmaster.pid run/.s.PGSQL.5432* run/server
  generation=$((generation + 1))
  set -- -D /pg-cluster/data
  if [ -s run/server.key ]; then
    set -- "$@" -c ssl=on -c ssl_cert_file=/pg-cluster/run/server.crt \
      -c ssl_key_file=/pg-cluster/run/server.key
  fi
  if [ -s run/pg_hba.conf ]; then set -- "$@" -c hba_file=/pg-cluster/run/pg_hba.conf; fi
  {
    bin/postgres "$@" >&2 3>&- &
    echo $! >run/server
    status=0
    wait $! || status=$?
    echo "0 ended $generation $status" >&3
  } &
  keeper=$!
  if [ -e run/is-newborn ]; then
    rm -f run/is-newborn
    run_born_sql 3>&- &
    giving_passwords=$!
  fi
}

signal_server() {
  until [ -s run/server ]; do sleep 0.01; done
  read -r pid <run/server
  kill "-$1" "$pid" 2>/dev/null
}

# Ends the server without its clean-up, as what it would clean up is thrown away.
end_server() {
  if [ -n "$giving_passwords" ]; then kill "$giving_passwords" 2>/dev/null || :; fi
  giving_passwords=
  if [ -n "$keeper" ]; then
    # A server that was only just started ignores the signal, so it is sent again.
    while signal_server QUIT; do sleep 0.1; done &
    telling=$!
    await_end "$keeper"
    kill "$telling" 2>/dev/null || :
  fi
  keeper=
  generation=$((generation + 1))
}

# Waits for a child to its end: any signal cuts a single wait short.
await_end() {
  while kill -0 "$1" 2>/dev/null; do wait "$1" || :; done
}
