import type { Lacks } from '../registry-entry';

export const lacks: Lacks = {
  'disk faults':
    "the disk is the Docker engine's own, which has no bounds; set the option diskLimitMb, and the data get one that has",
};
