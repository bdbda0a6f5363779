/**
 * @jest-environment ./property.js
 */
test('leaves the master paused', () => pgCluster.pauseMaster());

test('the subclass had its turn before and after the healing', () => {
  expect(heard).toEqual(['paused, then running']);
});
