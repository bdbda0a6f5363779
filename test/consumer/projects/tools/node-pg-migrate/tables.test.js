const { tellTables } = require('../tell-tables');

test('what node-pg-migrate has made is there', () => tellTables('node-pg-migrate'));
