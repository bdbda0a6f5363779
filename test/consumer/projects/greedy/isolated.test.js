/**
 * @jest-environment pg-cluster
 * @jest-environment-options {"isolation": "test"}
 */
const { insertWithoutEnd } = require('./inserts');

test('is greedy, too', () => insertWithoutEnd());
test('starts anew', () => pgCluster.master.query('CREATE TABLE before (a int)'));
