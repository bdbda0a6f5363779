FROM postgres:17

# The base image declares its PGDATA a volume: what a build step writes there is lost.
ENV PGDATA=/var/lib/postgresql/recipe
USER postgres
RUN initdb --pgdata="$PGDATA" --auth=trust --encoding=UTF8 \
 && printf '%s\n' "listen_addresses = '*'" 'hot_standby = on' 'max_wal_senders = 10' \
      >> "$PGDATA/postgresql.conf" \
 && printf '%s\n' 'host all all all trust' 'host replication all all trust' \
      >> "$PGDATA/pg_hba.conf" \
 && pg_ctl -D "$PGDATA" -w start \
 && createuser --superuser testsuite \
 && createdb --owner=testsuite testsuite \
 && pg_ctl -D "$PGDATA" -w -m fast stop
ENTRYPOINT []
CMD ["postgres"]
