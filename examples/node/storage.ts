/** A model with its metadata, a dataset of files, a checkpoint, and a presigned URL. */
import { nexus } from './client.ts';

const suffix = Date.now().toString(36);
const name = `my-model-${suffix}`;
const version = await nexus.uploads.model({
  name,
  modelData: { architecture: 'transformer', parameters: { layers: 6, dim: 512 }, weights: [0.1, 0.2, 0.3] },
  metadata: { version: '1.0', accuracy: 0.94, compression_ratio: 0.1 },
});
console.log(`Version ${version.version} of ${name} is at ${version.path}.`);

const files = await nexus.uploads.dataset({
  name: `my-dataset-${suffix}`,
  files: [
    {
      name: 'chunk_001.jsonl',
      source: new Blob(['{"text": "a"}\n{"text": "b"}\n']),
      contentType: 'application/x-ndjson',
    },
    { name: 'metadata.json', source: new Blob([JSON.stringify({ lines: 2 })]), contentType: 'application/json' },
  ],
});
console.log('The dataset’s files:', files.map((file) => file.key).join(', '));

// For whoever has no token: an hour of reading one object, straight from the store.
const { url } = await nexus.objects.presign.mutate({ id: version.objectId, expirySeconds: 3600 });
const model: unknown = await (await fetch(url)).json();
console.log('By its presigned URL:', model);

const downloaded = await nexus.models.download.query({ name });
console.log('Accuracy as it was stored:', downloaded.metadata.accuracy);
