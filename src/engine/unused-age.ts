const dayMs = 24 * 60 * 60 * 1000;

/** What was made once, and can be made again, is removed when nobody has used it for so long. */
export const keptUnusedMs = 14 * dayMs;

/** A use is noted this often, not each time. */
export const notedEveryMs = dayMs;
