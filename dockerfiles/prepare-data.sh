#!/bin/sh
# Lets somebody change the image's data over the network, in a container of which an image is made
# then:
#
#   wait         the first process of the container: does nothing until it is ended
#   start SQL    starts the server and runs this SQL
#   finish SQL   runs this SQL, looks whether the data can be used, and shuts down cleanly
set -eu
cd /pg-cluster
umask 077
# shellcheck source=/dev/null
. ./rules.sh
# shellcheck source=dockerfiles/finish-data.sh
. ./finish-data.sh

run_sql() {
  PGHOST=/pg-cluster/run PGUSER=postgres PGDATABASE=postgres \
    PGOPTIONS="-c client_min_messages=warning $OWN_OPTIONS" \
    bin/psql -X -q -v ON_ERROR_STOP=1 -o /dev/null "$@"
}

case $1 in
wait)
  while :; do
    sleep 3600 &
    wait $! || :
  done
  ;;
start)
  options=$MAKING_SETTINGS
  if [ -e run/given.key ]; then
    # They came as root's.
    cp run/given.crt run/server.crt
    cp run/given.key run/server.key
    rm -f run/given.*
    options="$options -c ssl=on -c ssl_cert_file=/pg-cluster/run/server.crt -c ssl_key_file=/pg-cluster/run/server.key"
  fi
  if ! bin/pg_ctl -D data.a -w -t 60 -l prepare.log -o "$options" start >/dev/null; then
    echo 'the server did not start; it said:' >&2
    cat prepare.log >&2
    exit 1
  fi
  run_sql -c "$2"
  ;;
finish)
  run_sql -c "$2"
  run_sql -f template/closing.sql
  finish_data
  rm -f prepare.log run/server.*
  ;;
esac
