export { NewChunk } from './contract.ts';
export { exactNeighbours, indexNeighbours } from './neighbours.ts';
export { searchChunks } from './search-chunks.ts';
export { type ChunkRow, holdDataset, sampleChunks } from './store.ts';
export { hashOf, storeChunks } from './store-chunks.ts';
