test('never runs', () => {});
