/**
 * Roll-ups are of 2^5, 2^8, 2^11 … steps. Eight of one level make one of the next, so that a level is written from the
 * one below by reading eight rows a bucket.
 */
export const firstLevel = 5;
export const levelSpacing = 3;
/** A level is kept once the series would have 2^6 buckets of it; then the highest one has at most 2^9. */
const worthwhileBits = 6;
/** The highest for which a step below 2^53 can be worthwhile. */
const lastLevel = 47;

/** The levels that a series has whose greatest step is this one; none below 2,047, where its points are read themselves. */
export function levelsOf(lastStep: number | null): number[] {
  const levels: number[] = [];
  for (let level = firstLevel; level <= lastLevel; level += levelSpacing) {
    if (lastStep === null || lastStep + 1 < 2 ** (level + worthwhileBits)) break;
    levels.push(level);
  }
  return levels;
}

export const bucketOf = (step: number, level: number) => Math.floor(step / 2 ** level);
