import type { MovingFront } from '../../wire/moving-front';
import { MovingEndpoint } from './moving-endpoint';
import { type Roles, readers, writers } from './targets';

/** What stands where the endpoints of a cluster are, for its whole life. */
export interface EndpointFronts {
  readonly writer: MovingFront;
  readonly reader: MovingFront;
}

/** The endpoints that move with the roles. */
export class Endpoints {
  /** Leads to whoever is master. */
  readonly writer: MovingEndpoint;
  /** Leads to the slaves, in turns; to the master when none answers. */
  readonly reader: MovingEndpoint;

  /**
   * @param onMove hears of each move
   * @param onLateMove hears of an endpoint that has moved
   * when nobody waited for it any more
   */
  constructor(
    fronts: EndpointFronts,
    roles: Roles,
    onMove: () => void,
    onLateMove: (endpoint: MovingEndpoint) => void,
  ) {
    const on = { onMove, onLateMove };
    this.writer = new MovingEndpoint(fronts.writer, () => writers(roles), on);
    this.reader = new MovingEndpoint(fronts.reader, () => readers(roles), on);
  }

  /** Roles may have changed. */
  async refresh(): Promise<void> {
    await Promise.all([this.writer.refresh(), this.reader.refresh()]);
  }

  /** They follow at once, whatever they were told before. */
  async asNew(): Promise<void> {
    await Promise.all([this.writer.follow(), this.reader.follow()]);
  }

  /** They move no more. */
  stop(): void {
    this.writer.stop();
    this.reader.stop();
  }
}
