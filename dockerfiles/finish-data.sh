#!/bin/sh
# For what makes the data of an image: ends the server and lays the data out as start-node.sh wants
# them.

# The first statement must not run into what users have set; it then sets the rest itself.
# shellcheck disable=SC2034
OWN_OPTIONS='-c statement_timeout=0 -c lock_timeout=0 -c log_statement=none'

finish_data() {
  bin/pg_ctl -D data.a -w -t 60 -m fast stop >/dev/null
  rm -f data.a/postmaster.opts
  # One to restore, and one to change to then: in a container each would take a second to copy.
  # Snapshots are also brought to a container that has never been started.
  rm -rf base data.b snapshots
  mkdir snapshots
  cp -a data.a base
  cp -a data.a data.b
  ln -sfn data.a data
}
