#!/bin/sh
# For start-node.sh: makes a data directory the same as a snapshot.

# Makes a directory that is not in use the same as the snapshot $1, or replaces it.
make_ready() {
  if ! [ -d "$2" ] || ! make_same "$1" "$2"; then
    # It is new, or has names or modes that make_same cannot handle.
    chmod -R u+rwX "$2" 2>/dev/null || :
    rm -rf "$2" "run/same.$2" "run/files.$2"
    cp -a base "$2"
    rm -f "$2/postgresql.auto.conf"
    put_paths "$1" "$2" "snapshots/$1/paths"
    note_same "$1" "$2"
  fi
}

# Makes the directory $2 the same as the snapshot $1, byte for byte. Few of a thousand files differ, and
# to make a file takes longer than to read one, which takes longer than to look when it was changed.
make_same() {
  rm -f "$2/postgresql.auto.conf" "$2/standby.signal"
  list=run/changed.$2
  if list_changes "$2" "$list" && [ "$(wc -l <"$list")" -lt 1000 ]; then
    # shellcheck disable=SC2154
    if [ "$was" != "$1" ]; then
      cat "snapshots/$was/paths" "snapshots/$1/paths" >>"$list" 2>/dev/null || :
    fi
  else
    make_same_directories "$2" "$list" && list_differences "$2" "$list" || return 1
    if [ -e "snapshots/$1/paths" ]; then cat "snapshots/$1/paths" >>"$list"; fi
  fi
  rm -f "run/same.$2" "run/files.$2"
  put_paths "$1" "$2" "$list" || return 1
  note_same "$1" "$2"
}

# Makes all that the file $3 names in the directory $2 as it is in the snapshot $1.
put_paths() {
  [ -s "$3" ] || return 0
  todo=run/todo.$2
  newline='
'
  named=
  if [ -e "snapshots/$1/paths" ]; then named=$(cat "snapshots/$1/paths"); fi
  LC_ALL=C sort -u "$3" >"$todo"
  while IFS= read -r path; do
    from=
    if [ -e "snapshots/$1/changes/$path" ] || [ -L "snapshots/$1/changes/$path" ]; then
      from=snapshots/$1/changes
    elif [ -e "base/$path" ] || [ -L "base/$path" ]; then
      case "$newline$named$newline" in *"$newline$path$newline"*) ;; *) from=base ;; esac
    fi
    if [ -n "$from" ] && [ -d "$from/$path" ] && [ ! -L "$from/$path" ]; then
      # initdb gives all of them this mode.
      if [ -d "$2/$path" ] && [ ! -L "$2/$path" ]; then
        echo "$path" >&5
        continue
      fi
      echo "$path" >&6
    elif [ "$from" = base ]; then
      echo "$path" >&7
    elif [ -n "$from" ]; then
      echo "$path" >&8
    fi
    echo "$path" >&9
  done <"$todo" 5>"$todo.modes" 6>"$todo.directories" 7>"$todo.base" 8>"$todo.changes" 9>"$todo.gone"
  with_paths "$todo.gone" "$2" rm -rf -- &&
    with_paths "$todo.directories" "$2" mkdir -m 700 -- &&
    with_paths "$todo.modes" "$2" chmod 700 -- &&
    copy_paths "$todo.base" base "$2" &&
    copy_paths "$todo.changes" "snapshots/$1/changes" "$2"
}

# Runs a command in the directory $2 with the paths in the file $1.
with_paths() {
  [ -s "$1" ] || return 0
  paths=$1
  directory=$2
  shift 2
  tr '\n' '\0' <"$paths" | (cd "$directory" && xargs -0 "$@")
}

# Copies the paths in the file $1 from the directory $2 to $3.
copy_paths() {
  # shellcheck disable=SC2016
  with_paths "$1" "$2" sh -c 'cp -a --parents -- "$@" "$0"' "/pg-cluster/$3"
}

# Makes all that is no file as in `base`: directories, and links to some. BusyBox's diff says nothing
# of those that only one side has.
make_same_directories() {
  # initdb gives all of them this mode.
  find "$1" -type d ! -perm 700 -exec chmod 700 {} + || return 1
  (cd "$1" && find . ! -type f) >"$2" || return 1
  while IFS= read -r path; do
    if [ -d "base/$path" ] && [ ! -L "$1/$path" ]; then continue; fi
    rm -rf "${1:?}/$path" || return 1
  done <"$2"
  (cd base && find . ! -type f) >"$2" || return 1
  while IFS= read -r path; do
    if [ -d "$1/$path" ]; then continue; fi
    rm -rf "${1:?}/$path" && cp -a "base/$path" "$1/${path%/*}/" || return 1
  done <"$2"
}
