const { tellTables } = require('../tell-tables');

test('what drizzle has made is there', () => tellTables('drizzle'));
