const { TestEnvironment } = require('jest-environment-pg-cluster');

/** As Jest documents it: a method that calls no other. */
module.exports = class extends TestEnvironment {
  heard = [];
  async handleTestEvent(event, state) {
    const { pgCluster } = this.global;
    this.global.heard = this.heard;
    const seen = pgCluster.master.state;
    if (event.name === 'error')
      event.error.message += `; heard of, with ${typeof state.testTimeout}`;
    if (/^test_(started|done)$/.test(event.name)) this.heard.push(`${event.name}: ${seen}`);
  }
};
