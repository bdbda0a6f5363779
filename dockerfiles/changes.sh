#!/bin/sh
# For start-node.sh and save-snapshot.sh: tells how data directories differ from `base`, the data of
# the image, which nobody changes. Snapshots are kept as such differences: `changes` has what is not
# as in `base`, and `paths` names that and what is gone, one path a line.

# Sets `line` to the only line of a file, or to nothing. Quicker than `cat`.
known() {
  line=
  if [ -r "$1" ]; then read -r line <"$1" || :; fi
}

# Files may vanish while a server runs.
find_all() {
  LC_ALL=C find "$@" 2>"run/find.$1" || ! grep -qv 'No such file or directory' "run/find.$1"
}

# Nobody can set the time of a file's last change (ctime). BusyBox's find cannot tell it.
list_files() {
  find_all "$1" -printf '%s %T@ %C@ %m %y /%P\n'
}

# Notes that the data directory $2 is now the same as the snapshot $1.
note_same() {
  if ! list_files "$2" >"run/files.$2"; then
    rm -f "run/files.$2" "run/same.$2"
  elif [ -s "snapshots/$1/paths" ]; then
    echo "$1" >"run/same.$2"
  else
    echo base >"run/same.$2"
  fi
}

# Names in the file $2 all paths in the data directory $1 that may differ from the snapshot `was`, and
# sets that: what was changed since they were the same. Fails if that cannot be told for certain.
was=
list_changes() {
  known "run/same.$1"
  was=$line
  if [ -r "run/files.$1" ] && { [ "$was" = base ] || [ -s "snapshots/${was:-none}/paths" ]; }; then
    list_files "$1" >"$2.found" || return 1
    LC_ALL=C diff "run/files.$1" "$2.found" >"$2.lines" || [ $? -eq 1 ] || return 1
    only_paths "$2" -e '/^[0-9][0-9,]*[acd][0-9,]*$/d' -e '/^---$/d' \
      -e 's|^[<>] [0-9]* [0-9.]* [0-9.]* [0-7]* [a-zA-Z] /|/|'
  else
    was=base
    list_changes_since_birth "$1" "$2"
  fi
}

# The files of an image were all made before the container was.
list_changes_since_birth() {
  known run/newest-of-base
  if [ -z "$line" ]; then
    line=$(find base -printf '%C@\n' 2>/dev/null | LC_ALL=C sort -n | tail -n 1)
    [ -n "$line" ] || return 1
    echo "$line" >run/newest-of-base
  fi
  # Unless the clock was put back since.
  [ -n "$(find run/born -newerct "@$line")" ] || return 1
  find_all "$1" -newerct "@$line" -printf '/%P\n' >"$2.changed" &&
    find_all base "$1" -printf '/%P\n' >"$2.found" &&
    LC_ALL=C sort "$2.found" | uniq -u | cat - "$2.changed" >"$2.lines" || return 1
  only_paths "$2"
}

# The same, but by when files were written if nothing has been noted since birth: the engine makes files
# of an image new as soon as a server opens them. Only for what servers do: others can set that time.
list_written() {
  if [ -r "run/files.$1" ]; then
    list_changes "$1" "$2"
    return
  fi
  was=base
  find_all base "$1" -type d -printf '/%P\n' -o -printf '%s %T@ /%P\n' >"$2.found" &&
    LC_ALL=C sort "$2.found" | uniq -u >"$2.lines" || return 1
  only_paths "$2" -e 's|^[0-9]* [0-9.]* /|/|'
}

# Makes $1.lines the list of paths $1 by commands of sed, which leave a slash in front of each.
only_paths() {
  list_of=$1
  shift
  # Anything else comes of a name with a line feed in it.
  sed "$@" -e 's|^[^/].*$|!|' -e 's|^/$|/.|' -e 's|^/||' "$list_of.lines" |
    LC_ALL=C sort -u >"$list_of"
  known "$list_of"
  [ "$line" != '!' ]
}

# Names in the file $2 all in the data directory $1 that is not as in `base`, by reading all.
list_differences() {
  # 1: they differ. 2: it could not read all.
  LC_ALL=C diff -rq base "$1" >"$2.lines" || [ $? -eq 1 ] || return 1
  while read -r difference; do
    case $difference in
    "Files base/"*" and $1/"*" differ")
      path=${difference#"Files base/"}
      echo "${path%%" and $1/"*}"
      ;;
    "Only in base"*": "*) list_tree base "${difference#"Only in base"}" ;;
    "Only in $1"*": "*) list_tree "$1" "${difference#"Only in $1"}" ;;
    *) return 1 ;;
    esac
  done <"$2.lines" >"$2"
  # BusyBox's diff says nothing of directories that only one side has.
  (cd base && find . ! -type f) | LC_ALL=C sort >"$2.base"
  (cd "$1" && find . ! -type f) | LC_ALL=C sort >"$2.now"
  LC_ALL=C comm -23 "$2.base" "$2.now" >"$2.gone" && LC_ALL=C comm -13 "$2.base" "$2.now" >"$2.new" ||
    return 1
  while IFS= read -r path; do (cd base && find "$path"); done <"$2.gone" | sed 's|^\./||' >>"$2"
  while IFS= read -r path; do (cd "$1" && find "$path"); done <"$2.new" | sed 's|^\./||' >>"$2"
  rm -f "$2.lines" "$2.base" "$2.now" "$2.gone" "$2.new"
}

# Names all in a part of the directory $1, as diff names it: `/directory: name`.
list_tree() {
  # Here BusyBox names the top directory, and then the path from there.
  path=${2%%: *}/${2#*: }
  (cd "$1" && find ".$path") | sed 's|^\./*||'
}
