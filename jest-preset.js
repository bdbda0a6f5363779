'use strict';

// No testEnvironmentOptions here: Jest replaces a preset's object with the user's as a whole,
// so a default kept here would be lost as soon as somebody sets one option.
module.exports = {
  testEnvironment: require.resolve('./dist/index.js'),
  // Not replaced by the user's: Jest runs a preset's first and then those of the project.
  setupFilesAfterEnv: [require.resolve('./dist/jest/matchers/matchers.js')],
};
