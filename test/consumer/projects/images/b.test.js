const { tellStamp } = require('./stamp');

test('file b finds what init wrote', () => tellStamp('b'));
