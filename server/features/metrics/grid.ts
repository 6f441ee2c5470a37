import { firstLevel, levelsOf } from './levels.ts';
import type { Cover, Grid, Range } from './store.ts';

/** Parts of whole buckets of a level that is about half as wide at most, so that no bucket lies in two of them. */
export function gridOf(
  { from, to }: Range,
  count: number,
  lastStep: number | null,
): Grid & { level: number | undefined } {
  const asked = Math.ceil((to - from + 1) / count);
  // At the lowest level a part may be one bucket: the alternative is to read the points themselves.
  const level = levelsOf(lastStep).findLast((one) => 2 ** (one === firstLevel ? one : one + 1) <= asked);
  if (level === undefined) return { base: from, width: asked, level };
  const bucket = 2 ** level;
  return { base: Math.floor(from / bucket) * bucket, width: Math.ceil(asked / bucket) * bucket, level };
}

/** Whole buckets of the highest level within the range, of lower ones towards its ends, and single steps for the rest. */
export function coverOf(range: Range, levels: readonly number[], highest: number | undefined): Cover {
  const cover: Cover = { buckets: [], steps: [] };
  let open = [range];
  for (const level of levels.filter((one) => highest !== undefined && one <= highest).toReversed()) {
    const width = 2 ** level;
    const rest: Range[] = [];
    for (const { from, to } of open) {
      const [lo, hi] = [Math.ceil(from / width), Math.floor(to / width)];
      if (lo >= hi) rest.push({ from, to });
      else {
        cover.buckets.push({ level, from: lo, to: hi });
        rest.push({ from, to: lo * width }, { from: hi * width, to });
      }
    }
    open = rest.filter(({ from, to }) => from < to);
  }
  cover.steps.push(...open);
  return cover;
}
