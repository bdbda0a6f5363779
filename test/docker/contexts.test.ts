import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { connectDocker } from '../../src/engine/docker/client/connect';
import { makeCertificates } from '../engine/certificates';
import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';

/** The engine of this machine, over TLS, for who has a certificate. */
let server: Server;
const sockets = new Set<Socket>();
const folder = useFolder('contexts');
keepEnv(afterAll);

beforeAll(async () => {
  makeCertificates(folder, '127.0.0.1');
  const read = (name: string) => readFileSync(join(folder, name));
  const own = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem') };
  server = createServer({ ...own, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const engine = connect('/var/run/docker.sock');
    socket.pipe(engine).pipe(socket);
    for (const end of [socket, engine]) {
      sockets.add(end);
      end.on('error', () => {});
    }
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  makeContext('far', ['ca', 'cert', 'key']);
  makeContext('unproven', ['cert', 'key'], { SkipTLSVerify: true });
  makeContext('stranger', ['ca']);
  process.env.DOCKER_CONFIG = folder;
  delete process.env.DOCKER_HOST;
});
afterEach(async () => {
  delete process.env.DOCKER_CONTEXT;
  await expectNothingLeft();
});
afterAll(() => {
  server.close();
  for (const socket of sockets) socket.destroy();
});

/** As `docker context create` does. */
function makeContext(name: string, files: string[], more: object = {}): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, 'contexts', 'meta', id);
  const tls = join(folder, 'contexts', 'tls', id, 'docker');
  mkdirSync(meta, { recursive: true });
  mkdirSync(tls, { recursive: true });
  const Host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const content = { Name: name, Metadata: {}, Endpoints: { docker: { Host, ...more } } };
  writeFileSync(join(meta, 'meta.json'), JSON.stringify(content));
  for (const file of files) copyFileSync(join(folder, `${file}.pem`), join(tls, `${file}.pem`));
}

test('a cluster runs on an engine whose context uses TLS', async () => {
  process.env.DOCKER_CONTEXT = 'far';
  await using the = await start({ slaves: 1 });
  await the.pgCluster.reset();
  await expect(rows(the.pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('the chosen context is used; with SkipTLSVerify its certificate is not checked', async () => {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'unproven' }));
  const { docker, where } = await connectDocker();
  expect(where).toBe(`the context unproven, chosen in ${folder}/config.json`);
  await expect(docker.version()).resolves.toHaveProperty('ApiVersion');
});

test.each([
  [{ DOCKER_CONTEXT: 'stranger' }, /DOCKER_CONTEXT=stranger: .*(alert|certificate|hang up)/],
  [{ DOCKER_HOST: 'plain' }, /DOCKER_HOST=.*: .*(hang up|ECONNRESET|TLS)/],
])('a refused client is told what the engine said: %j', async (given, message) => {
  const host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { ...process.env, ...given, ...('DOCKER_HOST' in given && { DOCKER_HOST: host }) };
  await expect(connectDocker({ env })).rejects.toMatchObject(failure('NO_ENGINE', message));
});
