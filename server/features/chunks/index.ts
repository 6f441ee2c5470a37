export { NewChunk } from './contract.ts';
export type { ChunkRow } from './store.ts';
export { hashOf, storeChunks } from './store-chunks.ts';
