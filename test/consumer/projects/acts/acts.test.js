const Docker = require('dockerode');
const acts = require('./acts');

test.each(Object.keys(acts))('%s', (name) => acts[name]({ pgCluster, docker: new Docker() }));
