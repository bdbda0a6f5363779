import type { Lacks } from '../registry-entry';

export const lacks: Lacks = {
  'network faults':
    'packets can only be kept back by a process in front of each node; ask for it by the option networkFaults: true',
  'disk faults':
    'a directory gets bounds only by a file system of its own, which root alone can mount; use Docker',
  images: 'nodes are processes of this machine; give binDir a PostgreSQL that has what you need',
};
