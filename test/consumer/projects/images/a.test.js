const { tellStamp } = require('./stamp');

test('file a finds what init wrote', () => tellStamp('a'));
