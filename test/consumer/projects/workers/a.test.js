const { tellOwnCluster } = require('./own-cluster');

test('file a has a cluster of its own', () => tellOwnCluster('a'));
