const { writeFileSync } = require('node:fs');
const { once } = require('node:events');
const { connect, createServer } = require('node:net');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-pg-cluster');

/** Runs where Jest runs; the sandbox of tests has another `process`. */
module.exports = class extends TestEnvironment {
  heard = [];
  hear = ({ code }) => this.heard.push(code);
  hearOnce = ({ code }) => this.heard.push(`once ${code}`);
  hearNoMore = ({ code }) => this.heard.push(`after off() ${code}`);

  async setup() {
    await super.setup();
    process.on('uncaughtException', this.hear);
    process.once('uncaughtException', this.hearOnce);
    process.on('uncaughtException', this.hearNoMore);
  }

  async teardown() {
    await super.teardown();
    process.off('uncaughtException', this.hearNoMore);
    // Connections to something else, which are lost while those to the cluster are.
    const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    for (let i = 0; i < 2; i += 1) {
      await new Promise((resolve) => {
        const socket = connect(server.address().port, '127.0.0.1');
        socket.on('data', () => {}).on('close', resolve);
      });
    }
    await new Promise((resolve) => server.close(resolve));
    process.off('uncaughtException', this.hear);
    writeFileSync(join(__dirname, 'told-heard.json'), JSON.stringify(this.heard));
  }
};
