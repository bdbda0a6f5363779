#!/bin/sh
# Keeps the data of the server that runs here as a snapshot, which servers can be restored to, in these
# steps:
#
#   copy ID               while PostgreSQL is in backup mode: copies what is not as in `base`
#   finish ID FIRST LAST  keeps it, which has its backup label now, with the WAL segments from the
#                         backup's start, or from FIRST on if that is older, up to LAST; and puts a copy
#                         in `exchange`
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
  if list_written "$data" "$list"; then
    if [ "$was" != base ]; then cat "snapshots/$was/paths" >>"$list"; fi
  elif ! list_differences "$data" "$list"; then
    { (cd base && find .) && (cd "$data" && find .); } | sed -n 's|^\./||p' >"$list"
  fi
  for path in global/pg_control $emptied; do echo "$path"; done >>"$list"
  LC_ALL=C sort -u "$list" >"$list.all"
  while IFS= read -r path; do
    if [ -d "$data/$path" ] && [ ! -L "$data/$path" ]; then
      if [ -d "base/$path" ]; then continue; fi
      mkdir -p "$draft/changes/$path"
    elif is_kept "$path" && [ -e "$data/$path" ]; then
      echo "$path" >&5
    elif ! [ -e "base/$path" ] || [ "$path" = postgresql.auto.conf ]; then
      continue
    fi
    echo "$path"
  done <"$list.all" >"$draft/paths" 5>"$list.files"
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

# Names of segments begin with their timeline.
copy_wal() {
  first=
  while IFS= read -r line; do
    case $line in
    'START WAL LOCATION: '*'(file '*)
      line=${line##* }
      line=${line%)}
      first=$((0x${line#????????}))
      ;;
    esac
  done <"$draft/changes/backup_label"
  if [ "$1" != none ] && [ "$((0x${1#????????}))" -lt "$first" ]; then first=$((0x${1#????????})); fi
  last=$((0x${2#????????}))
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
  while IFS= read -r path; do echo "$path"; done <"$list.wal" >>"$draft/paths"
}

# It is written at each restore.
not_kept=postgresql.auto.conf
empty=
emptied=
case $1 in
copy)
  # What an attempt that failed has left.
  rm -rf snapshots/*.draft exchange/* run/saved.*
  not_kept="$not_kept $NOT_COPIED"
  empty=$EMPTY_IN_SNAPSHOT
  for name in $empty; do
    for file in "base/$name"/* "base/$name"/*/*; do
      if [ -f "$file" ]; then emptied="$emptied ${file#base/}"; fi
    done
  done
  copy_changes "$(readlink data)"
  ;;
born)
  # In the background, while another snapshot may be taken.
  draft=run/born.draft
  list=run/born.saved
  log=/pg-cluster/run/born.saved.log
  rm -rf "$draft" snapshots/born/paths snapshots/born/changes
  copy_changes "$2"
  mv "$draft/changes" "$draft/paths" snapshots/born
  ;;
finish)
  copy_wal "$3" "$4"
  echo backup_label >>"$draft/paths"
  cp -a "$draft" "exchange/$2"
  mv "$draft" "snapshots/$2"
  ;;
take)
  cp -a "exchange/$2" "$draft"
  mv "$draft" "snapshots/$2"
  ;;
taken) rm -rf "exchange/$2" run/saved.* ;;
esac
