export { readLineage } from './read-lineage.ts';
