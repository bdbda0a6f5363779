const { tellOwnCluster } = require('./own-cluster');

test('file d has a cluster of its own', () => tellOwnCluster('d'));
