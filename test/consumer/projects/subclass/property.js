const { TestEnvironment } = require('jest-environment-pg-cluster');

/** With a property, and a call of ours. */
module.exports = class extends TestEnvironment {
  heard = [];
  handleTestEvent = async (event, state) => {
    const { pgCluster } = this.global;
    this.global.heard = this.heard;
    const before = pgCluster.master.state;
    await super.handleTestEvent(event, state);
    const after = pgCluster.master.state;
    if (event.name === 'test_done') this.heard.push(`${before}, then ${after}`);
  };
};
