global.seenAfterEnv = {
  master: PG_MASTER_URL,
  slaves: [...PG_SLAVE_URLS],
  pause: typeof pgCluster.pauseMaster,
  host: process.env.PGHOST,
};
