import { freePort, releasePort } from '../../src/base/machine/ports';
import { Switchboard } from '../../src/wire/switchboard';

test('a node is known as soon as its opening was asked for, also while the former one closes', async () => {
  const board = new Switchboard(async () => {});
  const port = await freePort();
  const ports = { clients: port, cluster: undefined, server: { host: '127.0.0.1', port: 9 } };
  const open = () => board.serve({ do: 'open', node: 'a/pg0', ports, tls: undefined });
  const down = () => board.serve({ do: 'down', node: 'a/pg0' });
  try {
    const first = [open(), down()];
    const again = [open(), down()];
    await Promise.all([...first, ...again]);
    await board.serve({ do: 'close', node: 'a/pg0' });
    await expect(down()).rejects.toThrow('it knows no node a/pg0');
  } finally {
    releasePort(port);
  }
});
