export { requireDataset, requireVersion } from './get-dataset.ts';
