export { authorOf } from './author-of.ts';
export { requireFreeName } from './free-name.ts';
