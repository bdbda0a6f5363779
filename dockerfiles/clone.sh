#!/bin/sh
# For start-node.sh: makes the data directory a clone of another server's.

# Empties what a server with the data directory $1 has put elsewhere: it would be in the way.
empty_tablespaces() {
  for tablespace in "$1"/pg_tblspc/*/PG_*; do
    if [ -e "$tablespace" ]; then rm -rf "$tablespace"; fi
  done
}

# Replaces the data by a copy of the server that the settings in the file $1 name as primary.
clone() {
  rm -f run/lost-wal
  conninfo=$(sed -n "s/^primary_conninfo = '\(.*\)'\$/\1/p" "$1" | tr -d "'")
  if [ -e data/PG_VERSION ] && [ -e run/born ]; then
    # A server that crashed recovers here, and writes its first new record where its WAL ended.
    rm -f data/standby.signal data/postmaster.pid
    ended=$(echo "$END_OF_WAL_SQL" | bin/postgres --single -D data -c log_min_messages=fatal postgres 2>&1 |
      sed -n 's/.*"ended \([0-9]*\) \([0-9A-F/]*\)".*/\1 \2/p')
    echo "$ended" >run/lost-wal
  fi
  empty_tablespaces data
  rm -rf data.clone
  tries=0
  until bin/pg_basebackup -d "$conninfo" -D data.clone -X stream -c fast --no-sync --no-clean; do
    # pg_basebackup itself leaves what it has put into tablespaces.
    empty_tablespaces data.clone
    rm -rf data.clone
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || exit 1
    sleep 0.1
  done
  directory=$(readlink data)
  [ "$directory" != bounded ] || directory=data.a
  rm -rf "$directory"
  mv data.clone "$directory"
  ln -sfn "$directory" data
  : >data/standby.signal
  # Not the source's file, which has the source's own settings, and those of faults.
  cp "$1" data/postgresql.auto.conf
  use_disk
}
