#!/bin/sh
# For start-node.sh: makes a data directory the same as another one.

# Makes the directory $2 the same as $1, byte for byte. Few of a thousand files differ, and to make
# a file takes longer than to read one, which takes longer than to look when it was changed.
make_same() {
  rm -f "$2/postgresql.auto.conf" "$2/standby.signal"
  undo_changes "$1" "$2" || undo_differences "$1" "$2"
}

# Undoes what has changed since they were the same. Fails if that is not known, or is a lot.
undo_changes() {
  from=$1
  to=$2
  known "run/same.$to"
  [ "$line" = "$from" ] || return 1
  rm -f "run/same.$to"
  list_files "$to" >"run/files-now.$to" || return 1
  LC_ALL=C diff "run/files.$to" "run/files-now.$to" >"run/changes.$to" || :
  set --
  while IFS= read -r change; do
    path=${change#*/}
    case $change in
    [0-9]* | ---) continue ;;
    # For a changed file, another line says how it is now.
    '< '[0-9]*' /'*) if [ -e "$to/$path" ]; then continue; fi ;;
    '> '[0-9]*' d /'*)
      if [ -d "$from/$path" ]; then
        # initdb gives all of them this mode.
        case $change in *' 700 d /'*) ;; *) chmod 700 "$to/$path" || return 1 ;; esac
        continue
      fi
      ;;
    '> '[0-9]*' /'*) ;;
    *) return 1 ;;
    esac
    set -- "$@" "$path"
    [ $# -lt 500 ] || return 1
  done <"run/changes.$to"
  (cd "$to" && rm -rf -- "$@") || return 1
  count=$#
  for path in "$@"; do
    if [ -e "$from/$path" ]; then set -- "$@" "$path"; fi
  done
  shift $count
  if [ $# -gt 0 ]; then (cd "$from" && cp -a --parents -- "$@" "/pg-cluster/$to"); fi
}

# Sets `line` to the only line of a file, or to nothing. Quicker than `cat`.
known() {
  line=
  if [ -r "$1" ]; then read -r line <"$1" || :; fi
}

# Makes all that is no file the same: directories, and links to some. BusyBox's diff says nothing of
# those that only one side has.
make_same_directories() {
  # initdb gives all of them this mode.
  find "$2" -type d ! -perm 700 -exec chmod 700 {} + || return 1
  (cd "$2" && find . ! -type f) >"run/directories.$2" || return 1
  while IFS= read -r path; do
    if [ -d "$1/$path" ] && [ ! -L "$2/$path" ]; then continue; fi
    rm -rf "${2:?}/$path" || return 1
  done <"run/directories.$2"
  (cd "$1" && find . ! -type f) >"run/directories.$2" || return 1
  while IFS= read -r path; do
    if [ -d "$2/$path" ] && [ ! -L "$1/$path" ]; then continue; fi
    rm -rf "${2:?}/$path" && cp -a "$1/$path" "$2/${path%/*}/" || return 1
  done <"run/directories.$2"
}

# Compares all files.
undo_differences() {
  make_same_directories "$1" "$2" || return 1
  # 1: they differ. 2: it could not read all.
  LC_ALL=C diff -rq "$1" "$2" >"run/differences.$2" || [ $? -eq 1 ] || return 1
  while read -r difference; do
    case $difference in
    "Files $1/"*" and $2/"*" differ")
      path=${difference#"Files $1/"}
      path=${path%%" and $2/"*}
      rm -rf "${2:?}/$path" && cp -p "$1/$path" "$2/$path" || return 1
      ;;
    "Only in $1"*": "*)
      directory=${difference#"Only in $1"}
      # Here BusyBox names the top directory, and then the path from there.
      path=${directory%%: *}/${directory#*: }
      cp -a "$1$path" "$2${path%/*}/" || return 1
      ;;
    "Only in $2"*": "*)
      directory=${difference#"Only in "}
      path=${directory%%: *}/${directory#*: }
      rm -rf "${path:?}" || return 1
      ;;
    *)
      return 1
      ;;
    esac
  done <"run/differences.$2"
}

# Nobody can set the time of a file's last change (ctime). BusyBox's find cannot tell it.
list_files() {
  find "$1" -printf '%s %T@ %C@ %m %y /%P\n' 2>/dev/null
}

# Makes a directory that is not in use the same as a snapshot's data.
make_ready() {
  if ! [ -d "$2" ] || ! make_same "$1" "$2"; then
    # It is new, or has names or modes that make_same cannot handle.
    chmod -R u+rwX "$2" 2>/dev/null || :
    rm -rf "$2"
    cp -a "$1" "$2"
  fi
  if list_files "$2" >"run/files.$2"; then echo "$1" >"run/same.$2"; fi
}
