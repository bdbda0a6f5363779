const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Tells that this moment has come, if it is the one that the run is about. */
exports.tell = (moment) => {
  if (process.env.MOMENT === moment) writeFileSync(join(__dirname, 'told-moment.json'), '{}');
};
