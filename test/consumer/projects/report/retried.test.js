jest.retryTimes(1);
let attempts = 0;

test('fails once', async () => {
  attempts += 1;
  if (attempts === 1) throw new Error('the first attempt');
});
