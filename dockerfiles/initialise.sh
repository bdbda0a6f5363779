#!/bin/sh
# Build step, as postgres: makes a data directory as initdb leaves it, which no server has used yet.
set -eu
cd /pg-cluster
# shellcheck source=/dev/null
. ./rules.sh
data=/pg-cluster/data.a

# In the first of the locales that this image has.
initialise() {
  for locale in $LOCALES; do
    # shellcheck disable=SC2086
    if LC_ALL=C bin/initdb -D "$data" $INITDB_OPTIONS --locale="$locale" --auth=trust \
      >initdb.log 2>&1; then
      return 0
    fi
    grep -q 'invalid locale' initdb.log || return 1
  done
  return 1
}
if ! initialise; then
  cat initdb.log >&2
  exit 1
fi
rm -f initdb.log
