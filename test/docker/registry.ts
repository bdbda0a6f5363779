import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** How a registry lets in: by name and password, or by a token that another one is had for. */
export type Door = { user: string; password: string } | { identityToken: string };

const type = 'application/vnd.docker.distribution.manifest.v2+json';
const image = 'application/vnd.docker.container.image.v1+json';
const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

const index = 'application/vnd.docker.distribution.manifest.list.v2+json';
const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
];

/** A registry of one image without files, for two platforms, which it has under every name and tag. */
export class Registry {
  readonly #server: Server;
  readonly #door: Door;
  readonly #blobs = new Map<string, Buffer>();
  readonly #manifests = new Map<string, Buffer>();
  /** Names the manifest of each platform. */
  readonly #index: Buffer;

  private constructor(door: Door) {
    this.#door = door;
    // The end of an archive is two empty blocks.
    const files = Buffer.alloc(1024);
    const layer = this.#add(gzipSync(files));
    const manifests = platforms.map((platform) => {
      const config = this.#add(
        Buffer.from(
          JSON.stringify({
            ...{ ...platform, config: {} },
            rootfs: { type: 'layers', diff_ids: [digest(files)] },
          }),
        ),
      );
      const manifest = Buffer.from(
        JSON.stringify({
          ...{ schemaVersion: 2, mediaType: type },
          config: { mediaType: image, ...config },
          layers: [{ mediaType: layerType, ...layer }],
        }),
      );
      this.#manifests.set(digest(manifest), manifest);
      const { length: size } = manifest;
      return { mediaType: type, size, digest: digest(manifest), platform };
    });
    this.#index = Buffer.from(
      JSON.stringify({ ...{ schemaVersion: 2, mediaType: index }, manifests }),
    );
    this.#server = createServer((asked, answer) => {
      this.#answer(asked, answer).catch(() => asked.socket.destroy());
    });
  }

  static async open(door: Door): Promise<Registry> {
    const registry = new Registry(door);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** The first part of its images' names. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a reference by digest ends with. */
  get digest(): string {
    return digest(this.#index);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #add(blob: Buffer): { size: number; digest: string } {
    this.#blobs.set(digest(blob), blob);
    return { size: blob.length, digest: digest(blob) };
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = asked.url ?? '';
    if (path.startsWith('/token')) {
      let form = '';
      for await (const chunk of asked) form += chunk;
      const token = new URLSearchParams(form).get('refresh_token');
      const isIn = 'identityToken' in this.#door && token === this.#door.identityToken;
      answer.writeHead(isIn ? 200 : 401, { 'Content-Type': 'application/json' });
      answer.end(JSON.stringify(isIn ? { access_token: 'in', token: 'in' } : {}));
    } else if (asked.headers.authorization !== this.#key()) {
      answer.writeHead(401, { 'WWW-Authenticate': this.#challenge() }).end();
    } else if (/\/manifests\//.test(path)) {
      const manifest = this.#manifests.get(/[^/]*$/.exec(path)?.[0] ?? '');
      const body = manifest ?? this.#index;
      const headers = {
        'Content-Type': manifest ? type : index,
        // Said also where only the head is asked for: the engine insists on it.
        'Content-Length': body.length,
        'Docker-Content-Digest': digest(body),
      };
      answer.writeHead(200, headers).end(asked.method === 'HEAD' ? undefined : body);
    } else {
      const blob = this.#blobs.get(/\/blobs\/(.*)$/.exec(path)?.[1] ?? '');
      answer.writeHead(path === '/v2/' || blob ? 200 : 404).end(blob);
    }
  }

  #key(): string {
    if ('identityToken' in this.#door) return 'Bearer in';
    const { user, password } = this.#door;
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #challenge(): string {
    return 'identityToken' in this.#door
      ? `Bearer realm="http://${this.host}/token",service="test"`
      : 'Basic realm="test"';
  }
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
