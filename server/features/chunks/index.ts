export { NewChunk } from './contract.ts';
export { notTaken } from './embed-chunks.ts';
export { exactNeighbours, indexNeighbours } from './neighbours.ts';
export { searchChunks } from './search-chunks.ts';
export { type ChunkRow, sampleChunks } from './store.ts';
export { hashOf, storeChunks } from './store-chunks.ts';
