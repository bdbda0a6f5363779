import { currentSession } from '../../src/cleanup/session';
import { sessionFiles } from '../../src/cleanup/session-files';
import { docker, ofThisProcess } from './docker';
import { engine } from './engine';
import { localLeftovers } from './local-servers';

/** No container, network, volume, process or directory of this process is there any more. */
export async function expectNothingLeft(): Promise<void> {
  expect(sessionFiles(currentSession().id)).toEqual([]);
  if (engine === 'local') {
    expect(await localLeftovers(currentSession().id)).toEqual([]);
    return;
  }
  const filters = ofThisProcess();
  const containers = await docker.listContainers({ all: true, filters });
  expect(containers.map(({ Names }) => Names)).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
}
