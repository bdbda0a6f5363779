#!/bin/sh
# Keeps the data of the server that runs here as a snapshot, which servers can be restored to, in these
# steps:
#
#   copy ID               while PostgreSQL is in backup mode: copies what is not as in `base`
#   finish ID FIRST LAST  keeps it with its backup label, which is in run/label, and with the WAL
#                         segments from the backup's start, or from FIRST on if that is older, up to
#                         LAST; and puts a copy in `exchange`
#   take ID               takes that copy, in another node
#   taken ID              all have it
#   born DIRECTORY        keeps data that no server uses as those that it is born with
#
# A server recovers from it as after a crash, which takes a hundredth of a second.
set -eu
cd /pg-cluster
umask 077
# shellcheck source=/dev/null
. ./rules.sh
# shellcheck source=dockerfiles/changes.sh
. ./changes.sh
draft=snapshots/$2.draft
list=run/saved.$2
log=/pg-cluster/run/saved.$2.log

# Some files come and go meanwhile: temporary ones, those of dropped tables, WAL that is recycled.
copy() {
  status=0
  LC_ALL=C "$@" 2>"$log" || status=$?
  if [ "$status" -eq 0 ]; then return; fi
  # cp ends with 1 after it has said why; if it was killed, it has said nothing.
  if grep -q 'No such file or directory' "$log" &&
    ! grep -qvE 'No such file or directory|^cp ended with 1$' "$log"; then
    return
  fi
  grep -v 'No such file or directory' "$log" || echo "xargs ended with $status"
  exit 1
}

is_kept() {
  case " $not_kept " in *" $1 "*) return 1 ;; esac
  case " $empty " in *" ${1%%/*} "*) return 1 ;; esac
}

# Copies all in the directory $1 that is not as in `base`.
copy_changes() {
  data=$1
  mkdir -p "$draft/changes"
  if list_changes "$data" "$list"; then
    if [ "$was" != base ]; then cat "snapshots/$was/paths" >>"$list"; fi
  elif ! list_differences "$data" "$list"; then
    { (cd base && find .) && (cd "$data" && find .); } | sed -n 's|^\./||p' >"$list"
  fi
  echo global/pg_control >>"$list"
  for name in $empty; do
    if [ -d "base/$name" ]; then (cd base && find "$name" ! -type d) >>"$list"; fi
  done
  LC_ALL=C sort -u "$list" >"$list.all"
  : >"$list.directories"
  while IFS= read -r path; do
    if [ -d "$data/$path" ] && [ ! -L "$data/$path" ]; then
      [ -d "base/$path" ] || echo "$path" >&5
    elif is_kept "$path" && [ -e "$data/$path" ]; then
      echo "$path" >&6
    elif [ -e "base/$path" ] && [ "$path" != postgresql.auto.conf ]; then
      echo "$path"
    fi
  done <"$list.all" >"$draft/paths" 5>"$list.directories" 6>"$list.files"
  cat "$list.directories" "$list.files" >>"$draft/paths"
  while IFS= read -r path; do mkdir -p "$draft/changes/$path"; done <"$list.directories"
  copy_files "$list.files" "$data"
}

# Copies the files that the list $1 names from the directory $2.
copy_files() {
  [ -s "$1" ] || return 0
  tr '\n' '\0' <"$1" >"$1.0"
  # shellcheck disable=SC2016
  (cd "$2" && copy xargs -0 sh -c '
    status=0
    cp -a --parents -- "$@" "$0" || status=$?
    [ "$status" -eq 0 ] || echo "cp ended with $status" >&2
    exit "$status"' "/pg-cluster/$draft/changes" <"/pg-cluster/$1.0")
}

segment_number() {
  echo $((0x${1#????????}))
}

# Names of segments begin with their timeline.
copy_wal() {
  start=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' run/label)
  first=$(segment_number "$start")
  if [ "$1" != none ] && [ "$(segment_number "$1")" -lt "$first" ]; then
    first=$(segment_number "$1")
  fi
  last=$(segment_number "$2")
  for file in data/pg_wal/*; do
    name=${file##*/}
    case $name in
    *.history) echo "pg_wal/$name" ;;
    *[!0-9A-F]*) ;;
    ????????????????????????)
      number=$((0x${name#????????}))
      if [ "$number" -lt "$first" ] || [ "$number" -gt "$last" ]; then continue; fi
      echo "pg_wal/$name"
      ;;
    esac
  done >"$list.wal"
  copy_files "$list.wal" data
  cat "$list.wal" >>"$draft/paths"
}

# It is written at each restore.
not_kept=postgresql.auto.conf
empty=
case $1 in
copy)
  rm -rf snapshots/*.draft exchange/* run/label run/saved.*
  not_kept="$not_kept $NOT_COPIED"
  empty=$EMPTY_IN_SNAPSHOT
  copy_changes "$(readlink data)"
  ;;
born)
  draft=run/born.draft
  rm -rf "$draft" snapshots/born/paths snapshots/born/changes
  copy_changes "$2"
  mv "$draft/changes" "$draft/paths" snapshots/born
  ;;
finish)
  copy_wal "$3" "$4"
  mv run/label "$draft/changes/backup_label"
  echo backup_label >>"$draft/paths"
  cp -a "$draft" "exchange/$2"
  mv "$draft" "snapshots/$2"
  ;;
take)
  rm -rf snapshots/*.draft
  cp -a "exchange/$2" "$draft"
  mv "$draft" "snapshots/$2"
  ;;
taken) rm -rf "exchange/$2" run/saved.* ;;
esac
