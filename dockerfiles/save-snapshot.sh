#!/bin/sh
# Makes a snapshot of the data of the server that runs here, which servers can be restored to, in two
# steps: `copy`, while PostgreSQL is in backup mode; then `finish <id> <backup label>`.
set -eu
cd /pg-cluster
umask 077
# shellcheck source=/dev/null
. ./rules.sh

# Some files come and go meanwhile: temporary ones, those of dropped tables, WAL that is recycled.
copy() {
  status=0
  LC_ALL=C cp -a "$@" snapshot 2>snapshot.log || status=$?
  if [ "$status" -eq 0 ]; then return; fi
  # cp ends with 1 after it has said why; if it was killed, it has said nothing.
  if [ "$status" -ne 1 ] || [ ! -s snapshot.log ] ||
    grep -v 'No such file or directory' snapshot.log; then
    echo "cp ended with $status"
    exit 1
  fi
}

case $1 in
copy)
  rm -rf snapshot
  mkdir snapshot
  set --
  for entry in data/*; do
    name=${entry#data/}
    case " $NOT_COPIED " in *" $name "*) continue ;; esac
    case " $EMPTY_IN_SNAPSHOT " in
    *" $name "*) mkdir "snapshot/$name" ;;
    *) set -- "$@" "$entry" ;;
    esac
  done
  copy "$@"
  ;;
finish)
  # All WAL since the copying began is needed, and older WAL may belong to a slot.
  copy data/pg_wal
  printf '%s' "$3" >snapshot/backup_label
  # Recovered and shut down once, so that nobody has to do that at each start. WAL that no slot
  # needs goes.
  # shellcheck disable=SC2086
  if ! bin/postgres --single -D snapshot $SNAPSHOT_SETTINGS postgres \
    </dev/null >snapshot.log 2>&1; then
    tail -n 20 snapshot.log
    exit 1
  fi
  # These are written at each restore, so they must not be compared.
  rm -f snapshot/postgresql.auto.conf snapshot/postmaster.opts snapshot.log
  mkdir -p "snapshots/$2"
  mv snapshot "snapshots/$2/data"
  ;;
esac
