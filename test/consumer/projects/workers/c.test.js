const { tellOwnCluster } = require('./own-cluster');

test('file c has a cluster of its own', () => tellOwnCluster('c'));
