import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { makeCertificates } from './certificates';
import { systemEnv } from './debian';
import { PrivateEngine } from './private-engine';
import { Sshd } from './sshd';

const tlsPort = 2376;

/**
 * Stands for another machine: an engine and an ssh server in a network of their own, which a cable
 * joins to ours. What listens on its loopback address is out of reach here.
 */
export class RemoteMachine {
  /** Its engine, by a way of our own. */
  readonly docker: Docker;
  readonly ip: string;
  readonly ssh: Sshd;
  /** What a client of its engine needs for TLS: the value of DOCKER_CERT_PATH. */
  readonly certificates: string;
  readonly #engine: PrivateEngine;

  private constructor(o: { engine: PrivateEngine; ip: string; ssh: Sshd; certificates: string }) {
    this.#engine = o.engine;
    this.docker = o.engine.docker;
    this.ip = o.ip;
    this.ssh = o.ssh;
    this.certificates = o.certificates;
  }

  /** @param images those that its engine has, of this machine's engine */
  static async create(images: readonly string[]): Promise<RemoteMachine> {
    const certificates = mkdtempSync(join(tmpdir(), 'pgc-tls-'));
    // Of the addresses for trials between networks (RFC 2544).
    const block = (process.pid * 4) % 2 ** 16;
    const at = (host: number) => `198.18.${block >> 8}.${(block & 255) + host}`;
    const [here, ip] = [at(1), at(2)];
    makeCertificates(certificates, ip);
    let engine: PrivateEngine | undefined;
    try {
      engine = await PrivateEngine.create(new Docker(), images, {
        listen: (network) => {
          layCable(network, here, ip);
          const file = (name: string) => join(certificates, `${name}.pem`);
          return [
            `--host=tcp://${ip}:${tlsPort}`,
            ...['--tlsverify', `--tlscacert=${file('ca')}`],
            ...[`--tlscert=${file('server')}`, `--tlskey=${file('server-key')}`],
          ];
        },
      });
      const ssh = await Sshd.start({ ip, via: engine.via, env: { DOCKER_HOST: engine.host } });
      return new RemoteMachine({ engine, ip, ssh, certificates });
    } catch (error) {
      await engine?.remove();
      await rm(certificates, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where its engine speaks TLS. */
  get host(): string {
    return `tcp://${this.ip}:${tlsPort}`;
  }

  /** What leads to its engine over TLS. */
  get tlsEnv(): Record<string, string> {
    return {
      DOCKER_HOST: this.host,
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: this.certificates,
    };
  }

  /** The ports that are listened on there, by address: `127.0.0.1:40000`. */
  listening(): string[] {
    return this.#run('ss', '-Htln').flatMap((line) => line.split(/\s+/)[3] ?? []);
  }

  /** Its processes for sessions of ssh. Those of other tests are in other networks. */
  sessions(): string[] {
    const [link = ''] = this.#run('readlink', '/proc/self/ns/net');
    const network = link.replace(/\D/g, '');
    return this.#run('ps', '--no-headers', '-eo', 'netns,pid,args')
      .map((line) => line.trim())
      .filter((line) => line.startsWith(`${network} `))
      .filter((line) => /dial-stdio| sshd: root/.test(line));
  }

  async remove(): Promise<void> {
    await this.ssh.end();
    await this.#engine.remove();
    await rm(this.certificates, { recursive: true, force: true });
  }

  #run(...command: string[]): string[] {
    const [program = '', ...args] = [...this.#engine.via, ...command];
    const said = execFileSync(program, args, { env: systemEnv(), encoding: 'utf8' });
    return said.split('\n').filter((line) => line !== '');
  }
}

/** Its end there is in the network of that process; both ends go with that network. */
function layCable(process: number, here: string, there: string): void {
  const name = `pgc${process}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { env: systemEnv(), stdio: 'pipe' });
  const within = (...args: string[]) =>
    execFileSync('nsenter', [`--net=/proc/${process}/ns/net`, '--', 'ip', ...args], {
      env: systemEnv(),
      stdio: 'pipe',
    });
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(process));
  ip('addr', 'add', `${here}/30`, 'dev', name);
  ip('link', 'set', name, 'up');
  within('addr', 'add', `${there}/30`, 'dev', 'eth0');
  within('link', 'set', 'eth0', 'up');
}
