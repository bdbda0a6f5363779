#!/bin/sh
# For start-node.sh: the bounded disk for tables, indexes and temporary files, if the node has one.

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
