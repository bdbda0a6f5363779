#!/bin/sh
# The start-up script of master and slave, and the first process of the container. It puts in place
# what this start asks for, and starts the server. When the server ends, so does the container.
#
# It takes commands on its standard input, one a line, and does one after the other: so the server
# can be restored to a snapshot, or to the data that it was born with, while the container
# stays. `<id> <command> <argument>` is answered with `done <id>` on the standard output; the server
# writes to the standard error only. The commands:
#
#   start             starts the server
#   end SIGNAL        ends the server, and so the container
#   restore SNAPSHOT  ends the server and replaces its data, for a start to come
#   lost-wal         answers `done <id> <timeline> <LSN>`: the end of the WAL of the data that the
#                    last clone has replaced, if that could be told
#   prepare SNAPSHOT  does as much of that as can be done ahead, in the background
#
# The first ones are the passwords, without which no node is born: `pgpass LINE` and `sql LINE`, as
# many as there are, then `born`.
#
# `data` is a link: to one of data.a and data.b, or to bounded, if there is a bounded disk. While the
# server uses one of the first two, the other can be made ready.
set -eu
cd /pg-cluster
umask 077
# shellcheck source=/dev/null
. ./rules.sh
# shellcheck source=dockerfiles/same-directory.sh
. ./same-directory.sh
# Commands are for nobody but the loop at the end.
exec 4<&0 </dev/null

# What the data directory $1 has put elsewhere would be in the way of the same again.
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
    # By itself it leaves there what it has put into tablespaces.
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
  # Not what the other one has there: that is its own, and faults'.
  cp "$1" data/postgresql.auto.conf
  use_disk
}

# Moves the data to where the bounded disk is mounted, if there is one. Only tables, indexes and
# temporary files are on it (base/): a server that cannot write WAL or the files of a checkpoint does
# not fail a statement, it panics.
use_disk() {
  directory=$(readlink data)
  if [ ! -d bounded/base ] || [ "$directory" = bounded ]; then return; fi
  rm -rf bounded/base/[0-9]* bounded/base/pgsql_tmp
  status=0
  LC_ALL=C cp -a data/base/* bounded/base 2>run/copy.log || status=$?
  if grep -q 'No space left on device' run/copy.log; then
    head -n 1 run/copy.log >&2
    echo "the data ($(du -sm data/base | cut -f 1) MB) do not fit on the disk: raise diskLimitMb, or free the disk" >&2
    exit 1
  elif [ "$status" -ne 0 ]; then
    head -n 5 run/copy.log >&2
    echo "the data could not be copied to the disk: cp ended with $status" >&2
    exit 1
  fi
  rm -rf data/base
  for entry in bounded/*; do
    [ "$entry" = bounded/base ] || rm -rf "$entry"
  done
  cp -a data/. bounded
  rm -rf "$directory"
  ln -sfn bounded data
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
      bin/psql -X -q -v ON_ERROR_STOP=1 -h /pg-cluster/run -U postgres -d postgres -f run/born.sql \
        >/dev/null 2>run/born.log || status=$?
      [ "$status" -eq 2 ] || break
    fi
    sleep 0.01
  done
  [ "$status" -eq 0 ] || cat run/born.log >&2
}

# The process that waits for the server, and which of the servers it is. The server's own process
# id is in run/server, as soon as it has one.
keeper=
generation=0
giving_passwords=
start_server() {
  # Whatever process these name, a killed server has left them. In a container that was started anew
  # another process may have its id.
  rm -f data/postmaster.pid run/.s.PGSQL.5432* run/server
  generation=$((generation + 1))
  {
    bin/postgres -D /pg-cluster/data >&2 3>&- &
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
    # A server that has only just been started ignores it, so it is told again.
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

the_other() {
  case $1 in
  data.a) echo data.b ;;
  data.b) echo data.a ;;
  esac
}

# From then on the master is born with its passwords. So what was the same as its data is no more.
give_passwords_at_birth() {
  rm -f snapshots/born/data/postmaster.pid run/same.*
  bin/postgres --single -D snapshots/born/data postgres <run/born.sql >run/born.log 2>&1
  if grep -E '(ERROR|FATAL|PANIC): ' run/born.log; then return 1; fi
  rm -f snapshots/born/data/postmaster.opts
  : >run/born.sql
}

making_ready=
prepare() {
  spare=$(the_other "$(readlink data)")
  if [ -z "$spare" ]; then return; fi
  # One after the other; most often it has been done for the same snapshot.
  if [ -n "$making_ready" ]; then await_end "$making_ready"; fi
  making_ready=
  known run/ready
  if [ "$line" = "$1" ]; then return; fi
  rm -f run/ready
  {
    if [ "$1" = born ] && [ -s run/born.sql ]; then give_passwords_at_birth >&2; fi
    make_ready "snapshots/$1/data" "$spare"
    echo "$1" >run/ready
  } 3>&- &
  making_ready=$!
}

restore() {
  end_server
  if [ -n "$making_ready" ]; then await_end "$making_ready"; fi
  making_ready=
  empty_tablespaces data
  now=$(readlink data)
  rm -f run/is-newborn
  if [ "$1" = born ] && [ -s run/born.sql ]; then : >run/is-newborn; fi
  known run/ready
  if [ "$line" = "$1" ]; then
    ln -sfn "$(the_other "$now")" data
    rm -f run/is-newborn
  elif [ "$now" != bounded ]; then
    make_ready "snapshots/$1/data" "$now"
  elif ! make_same "snapshots/$1/data" bounded; then
    make_ready "snapshots/$1/data" data.a
    ln -sfn data.a data
    use_disk
  fi
  cp "snapshots/$1/postgresql.auto.conf" data
  known "snapshots/$1/role"
  if [ "$line" = slave ]; then
    : >data/standby.signal
    rm -rf data/pg_replslot/*
  fi
  rm -f run/ready run/next-start.*
}

# Passwords come on the standard input: the engine tells everybody who asks what is in a container's
# environment. Other lines than ours may come first; see start-script.ts.
take_secrets() {
  # A birth that was broken off.
  if [ -e run/has-secrets ]; then return; fi
  : >run/pgpass
  : >run/born.sql
  while IFS= read -r line <&4; do
    case $line in
    [0-9]*' pgpass '*) printf '%s\n' "${line#* pgpass }" >>run/pgpass ;;
    [0-9]*' sql '*) printf '%s\n' "${line#* sql }" >>run/born.sql ;;
    [0-9]*' born')
      : >run/has-secrets
      echo "done ${line%% *}"
      return
      ;;
    esac
  done
  echo 'the engine closed the standard input before the passwords came' >&2
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

# Not in primary_conninfo: the server logs that when it changes.
export PGPASSFILE=/pg-cluster/run/pgpass

# Others than us end a container by a signal. Processes that are left end with this one.
pass_on() {
  if [ -z "$keeper" ]; then
    doing=
    exit 0
  fi
  signal_server "$1" || :
}
for signal in TERM INT QUIT; do
  # shellcheck disable=SC2064
  trap "pass_on $signal" "$signal"
done

# What has ended without a word, say for lack of memory, ends us, by `set -e`.
doing='getting ready'
tell_end() {
  [ -z "$doing" ] || echo "start-node.sh ended with $1 while $doing" >&2
}
trap 'tell_end $?' EXIT

get_ready() {
  if [ ! -e run/born ]; then
    be_born
  fi
  if [ -e run/next-start.restore ]; then
    restore "$(cat run/next-start.restore)"
  elif [ -e run/next-start.clone ]; then
    clone run/next-start.clone
    rm -f run/next-start.clone
  elif [ -e run/next-start.standby ]; then
    : >data/standby.signal
    cat run/next-start.standby >>data/postgresql.auto.conf
    rm -f run/next-start.standby
  fi
}

# A slave's container may be made and started while its master comes up.
awaits_start=
if [ ! -e run/born ]; then awaits_start=$PG_CLUSTER_AWAITS_START; fi
# In the background, since a signal waits for a program in the foreground to end.
get_ready &
wait $!
doing=
unset PG_CLUSTER_AWAITS_START PG_CLUSTER_CONF PG_CLUSTER_ROLE PG_CLUSTER_CLONE

# What we are told and that a server has ended come through one pipe. It has no end, as it is open
# for writing, too.
[ -p run/events ] || mkfifo run/events
exec 3<>run/events
cat <&4 >&3 3>&- 4<&- &
exec 4<&-

if [ -z "$awaits_start" ]; then start_server; fi
while :; do
  answer=
  # Fails when a signal has come, whose trap has run then.
  read -r id command argument status <&3 || continue
  case $command in
  start) start_server ;;
  end) signal_server "$argument" || : ;;
  restore)
    doing="restoring the data of $argument"
    restore "$argument"
    doing=
    ;;
  prepare) prepare "$argument" ;;
  lost-wal)
    known run/lost-wal
    answer=$line
    ;;
  # Somebody did not hear that it was done.
  born) ;;
  ended)
    [ "$argument" != "$generation" ] || exit "$status"
    continue
    ;;
  # Also what comes before the first command; see start-script.ts.
  *) continue ;;
  esac
  echo "done $id $answer"
done
