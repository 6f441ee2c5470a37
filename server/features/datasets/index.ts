export { requireDataset } from './get-dataset.ts';
