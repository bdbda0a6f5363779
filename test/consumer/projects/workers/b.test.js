const { tellOwnCluster } = require('./own-cluster');

test('file b has a cluster of its own', () => tellOwnCluster('b'));
