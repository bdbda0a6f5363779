#!/bin/sh
# The start-up script of master and slave, and the first process of the container. It puts in place
# what this start asks for, and starts the server. When the server ends, so does the container.
#
# It takes commands on its standard input, one a line, and does one after the other: so the server
# can be restored to a snapshot, or to the data that it was born with, while the container
# stays. `<id> <command> <argument>` is answered with `done <id>` on the standard output; the server
# writes to the standard error only. The commands:
#
#   here              does nothing: said first on each line, to see that somebody listens
#   start             starts the server
#   end SIGNAL        ends the server, and so the container
#   restore SNAPSHOT  ends the server and replaces its data, for a start to come
#   prepare SNAPSHOT  does as much of that as can be done ahead, in the background
#   lost-wal          answers `done <id> <timeline> <LSN>`: the end of the WAL of the data that the
#                     last clone has replaced, if that could be told
#   label ID LINE     a line of the backup label of the snapshot that is being taken
#   snapshot STEP     a step of save-snapshot.sh, in the background; answers `done <id> failed: <why>`
#                     if it failed
#
# The first ones are the secrets, without which no node is born: `pgpass LINE`, `sql LINE`, and what
# it speaks TLS with, if it does, `cert LINE`, `key LINE` and `hba LINE`, as many as there are, then
# `born`.
#
# `data` is a link: to one of data.a and data.b, or to bounded, if there is a bounded disk. While the
# server uses one of the first two, the other can be made ready.
set -eu
cd /pg-cluster
umask 077
# shellcheck source=/dev/null
. ./rules.sh
# shellcheck source=dockerfiles/changes.sh
. ./changes.sh
# shellcheck source=dockerfiles/same-directory.sh
. ./same-directory.sh
# shellcheck source=dockerfiles/bounded-disk.sh
. ./bounded-disk.sh
# shellcheck source=dockerfiles/clone.sh
. ./clone.sh
# shellcheck source=dockerfiles/server-process.sh
. ./server-process.sh
# shellcheck source=dockerfiles/birth.sh
. ./birth.sh
# Commands are for nobody but the loop at the end.
exec 4<&0 </dev/null

the_other() {
  case $1 in
  data.a) echo data.b ;;
  data.b) echo data.a ;;
  esac
}

making_ready=
prepare() {
  spare=$(the_other "$(readlink data)")
  if [ -z "$spare" ]; then return; fi
  # One at a time; most often the same snapshot has been prepared already.
  if [ -n "$making_ready" ]; then await_end "$making_ready"; fi
  making_ready=
  known run/ready
  if [ "$line" = "$1" ]; then return; fi
  rm -f run/ready
  {
    make_ready "$1" "$spare"
    if [ "$1" = born ] && [ -s run/born.sql ]; then give_passwords_at_birth "$spare" >&2; fi
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
    make_ready "$1" "$now"
  elif ! make_same "$1" bounded; then
    make_ready "$1" data.a
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

save_snapshot() {
  id=$1
  shift
  if said=$(sh save-snapshot.sh "$@" 2>&1); then
    echo "done $id"
  else
    echo "done $id failed: $(echo "$said" | tr '\n' ' ')"
  fi
}

# Not in primary_conninfo: the server logs that when it changes.
export PGPASSFILE=/pg-cluster/run/pgpass

# Somebody else may end the container by a signal. Processes that are left end with this one.
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

# A program that ends without a word, say for lack of memory, ends this script by `set -e`.
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

# Commands, and the news that a server has ended, come through one pipe. It never ends, as it is
# open for writing, too.
[ -p run/events ] || mkfifo run/events
exec 3<>run/events
cat <&4 >&3 3>&- 4<&- &
exec 4<&-

if [ -z "$awaits_start" ]; then start_server; fi
while :; do
  answer=
  # This fails when a signal comes, after the trap for it has run.
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
  label) echo "$status" >>"snapshots/$argument.draft/changes/backup_label" || : ;;
  snapshot)
    # shellcheck disable=SC2086
    save_snapshot "$id" "$argument" $status 3>&- &
    continue
    ;;
  here) ;;
  # Sent again by somebody who did not hear that it was done.
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
