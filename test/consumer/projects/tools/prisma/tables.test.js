const { tellTables } = require('../tell-tables');

test('what prisma has made is there', () => tellTables('prisma'));
