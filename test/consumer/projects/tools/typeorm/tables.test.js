const { tellTables } = require('../tell-tables');

test('what typeorm has made is there', () => tellTables('typeorm'));
