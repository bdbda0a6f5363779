const { insertWithoutEnd } = require('./inserts');

test('passes before', () => pgCluster.master.query('CREATE TABLE before (a int)'));
test('is greedy', () => insertWithoutEnd());
test('comes after', () => pgCluster.master.query('TABLE before'));
