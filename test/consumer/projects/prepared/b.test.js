const { tellTables } = require('./tell-tables');

test('file b finds the tables on every node', () => tellTables('b'));
