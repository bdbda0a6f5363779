import type { Lacks } from '../registry-entry';

export const lacks: Lacks = {
  'network faults':
    'its nodes meet on the loopback interface, where only the wire can hold packets back, and the option `wire` is false; leave that out',
  'disk faults':
    'only a file system of its own gives a directory bounds, and only root can mount one; use Docker',
  images: 'nodes are processes of this machine; give binDir a PostgreSQL that has what you need',
};
