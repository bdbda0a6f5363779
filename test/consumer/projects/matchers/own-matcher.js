expect.extend({
  toBeOurs: (received) => ({ pass: received === 'ours', message: () => 'not ours' }),
});
