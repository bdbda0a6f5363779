import type { Lacks } from '../registry-entry';

export const lacks: Lacks = {
  'network faults':
    'packets can only be held back by a process in front of each node; the option networkFaults: true starts one',
  'disk faults':
    'only a file system of its own gives a directory bounds, and only root can mount one; use Docker',
  images: 'nodes are processes of this machine; give binDir a PostgreSQL that has what you need',
};
