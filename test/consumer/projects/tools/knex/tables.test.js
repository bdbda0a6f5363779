const { tellTables } = require('../tell-tables');

test('what knex has made is there', () => tellTables('knex'));
