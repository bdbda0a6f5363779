import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { HelperProcess } from '../../../base/machine/helper-process';
import type { RelayRequest } from './relay-requests';

let relay: HelperProcess | undefined;

/**
 * Asks the process that leads connections to servers of remote engines. There is one in each process
 * that has clusters there, for all of them; it is started when it is needed, and ends with its owner.
 *
 * @param what completes "the relay could not …"
 */
export function askRelay<R = void>(
  what: string,
  request: RelayRequest,
  deadline: Deadline,
): Promise<R> {
  if (!relay || relay.hasEnded) {
    relay = new HelperProcess({
      name: 'the relay to the Docker engine',
      // In src/ as in dist/: the compiled file.
      script: join(__dirname, '../../../..', 'dist/engine/docker/dial/relay-process.js'),
    });
  }
  return relay.ask<R>(what, request, deadline);
}
