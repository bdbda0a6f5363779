FROM postgres:17

ENV PGDATA=/var/lib/postgresql/recipe
USER postgres
COPY start-slave.sh /usr/local/bin/
ENTRYPOINT []
CMD ["start-slave.sh"]
