process.env.PG_CLUSTER_TEST_ENGINE = 'local';
