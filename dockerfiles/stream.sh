#!/bin/sh
# A connection to the server of this container, by way of the engine's API: what comes from the
# standard input goes to the server, and what comes from there to the standard output. It ends with
# the connection. Nothing is installed for it; images differ in what they have.
if command -v perl >/dev/null && perl -MErrno -MFcntl -MSocket -e 1 2>/dev/null; then
  exec perl /pg-cluster/stream.pl
fi

# A server that is just being started will listen soon. 1538 is 5432, 0A stands for LISTEN: proc(5).
tries=0
until cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ':1538 0*:0000 0A '; do
  tries=$((tries + 1))
  if [ "$tries" -ge 50 ]; then
    echo 'no server listens' >&2
    exit 1
  fi
  sleep 0.02
done

# Busybox's, and others that pass the end of the input on.
if command -v nc >/dev/null; then exec nc 127.0.0.1 5432; fi

# The last resort: it has no way to tell the server that the client has nothing more to say, so it
# hangs up.
if command -v bash >/dev/null; then
  # shellcheck disable=SC2016
  exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/5432 || exit 1
    cat <&0 >&3 & up=$!
    cat <&3 & down=$!
    wait -n "$up" "$down"
    kill "$up" "$down" 2>/dev/null'
fi
echo 'this image has neither perl nor nc nor bash, so its servers cannot be reached through the API of a remote engine: give an image that has one of them, or the option publishOn' >&2
exit 127
