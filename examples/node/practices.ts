/** All or nothing, what to do with errors, and batches. */
import { isNexusError } from '@topology-nexus/client';
import { nexus } from './client.ts';

// The topology, its module and the note: all of them, or none. The note is in CouchDB when the call answers.
const topology = await nexus.topologies.create.mutate({
  name: 'my-transformer',
  architecture: 'transformer',
  modules: [{ name: 'adapter', rank: 8, alpha: 16, targetModules: ['q_proj'] }],
  context: [{ type: 'topology_created', data: 'From the examples' }],
  awaitEffects: true,
});
console.log(
  `Topology ${topology.id} with ${topology.modules.length} module and ${topology.contextIds.length} note (${topology.effects}).`,
);

// The client repeats by itself what is safe to repeat; of an upload each part, as often as you say.
const model = await nexus.uploads.model({
  name: `practices-${topology.id}`,
  source: new Uint8Array(1024),
  retry: { maxAttempts: 3, firstDelayMs: 1_000 },
});
console.log(`Version ${model.version} of ${model.name} is stored.`);

// What is left is a refusal, with its reason.
try {
  await nexus.topologies.create.mutate({ name: 'too-wide', architecture: 'transformer', config: { dimensions: 9000 } });
} catch (error) {
  if (!isNexusError(error, 'invalid_input')) throw error;
  console.log('Refused:', error.message);
}

// One call for many chunks, instead of many calls: all of them go in, or none.
const dataset = await nexus.datasets.create.mutate({ name: `examples-${Date.now().toString(36)}` });
const embedding = (seed: number) => Float32Array.from({ length: 384 }, (_, at) => Math.sin(seed * 31 + at));
const { newCount } = await nexus.chunks.addMany.mutate({
  datasetId: dataset.id,
  chunks: Array.from({ length: 100 }, (_, n) => ({ content: `Chunk ${n}`, embedding: embedding(n), metadata: { n } })),
});
const nearest = await nexus.chunks.search.query({ datasetIds: [dataset.id], embedding: embedding(42), k: 1 });
console.log(`${newCount} chunks; the nearest to number 42 is "${nearest.items[0]?.chunk.content}".`);
