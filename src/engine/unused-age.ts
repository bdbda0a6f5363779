const dayMs = 24 * 60 * 60 * 1000;

/** Things that can be made again are removed when nobody has used them for this long. */
export const keptUnusedMs = 14 * dayMs;

/** A use is noted at most this often. */
export const notedEveryMs = dayMs;
