const { tellTables } = require('../tell-tables');

test('what sequelize has made is there', () => tellTables('sequelize'));
