export { appendPoints, type SeriesPoints } from './append-points.ts';
export { compareCurves } from './compare-curves.ts';
export { goalOf } from './goal-of.ts';
export { listFigures } from './list-figures.ts';
export { readCurve } from './read-curve.ts';
export { readNews } from './read-news.ts';
