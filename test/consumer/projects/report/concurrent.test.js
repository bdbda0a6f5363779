const met = [];

test.concurrent.each(['one', 'two'])('%s', async (name) => {
  met.push(name);
  while (met.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  if (name === 'two') throw new Error('two fails');
});
