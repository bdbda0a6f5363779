#!/bin/sh
# Build step, as root: finds the image's PostgreSQL and links its programs in /pg-cluster/bin.
# The argument is the major version that has to be found, or empty for whatever there is.
set -eu
asked=$1
# shellcheck source=/dev/null
. /pg-cluster/rules.sh

# PostgreSQL's packages make this user; an image that has the programs from elsewhere may lack it. Its
# number is one that no system gives by itself.
if ! id postgres >/dev/null 2>&1; then
  echo 'postgres:x:54320:54320:PostgreSQL:/pg-cluster:/bin/sh' >>/etc/passwd
  echo 'postgres:x:54320:' >>/etc/group
fi

major_of() {
  "$1/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'
}

# Debian's and PGDG's packages, Alpine's packages, the official images, anything in the PATH. The
# newest, unless a version was asked for, and of two of one version the first.
found=""
newest=0
for directory in /usr/lib/postgresql/*/bin /usr/libexec/postgresql* /usr/local/bin \
  "$(dirname "$(command -v postgres || echo /none/postgres)")" /usr/local/pgsql/bin; do
  [ -x "$directory/postgres" ] || continue
  major=$(major_of "$directory")
  case $major in '' | *[!0-9]*) continue ;; esac
  case "$found " in *" $major "*) ;; *) found="$found $major" ;; esac
  if [ "$major" = "${asked:-$major}" ] && [ "$major" -gt "$newest" ]; then
    chosen=$directory
    newest=$major
  fi
done

if [ -z "$found" ]; then
  echo "this image carries no PostgreSQL server: looked in /usr/lib/postgresql, /usr/libexec, /usr/local/bin, the PATH" >&2
  exit 1
fi
if [ -z "${chosen:-}" ]; then
  echo "this image carries PostgreSQL$found, not the version $asked that was asked for" >&2
  exit 1
fi
if [ "$newest" -lt "$OLDEST_MAJOR" ]; then
  echo "this image carries PostgreSQL$found, but $OLDEST_MAJOR is the first version that is supported" >&2
  exit 1
fi

mkdir -p /pg-cluster/bin
for program in postgres initdb pg_ctl psql pg_basebackup; do
  if [ -x "$chosen/$program" ]; then
    path=$chosen/$program
  elif ! path=$(command -v "$program"); then
    echo "this image carries PostgreSQL, but not its program $program" >&2
    exit 1
  fi
  ln -sf "$path" "/pg-cluster/bin/$program"
done

# Volumes are mounted in the last two; the engine would make them as root's.
mkdir -p /pg-cluster/run /pg-cluster/bounded /pg-cluster/exchange
chown postgres /pg-cluster /pg-cluster/run /pg-cluster/bounded /pg-cluster/exchange
chmod 0700 /pg-cluster/run /pg-cluster/bounded /pg-cluster/exchange
