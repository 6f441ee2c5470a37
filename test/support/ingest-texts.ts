import { createHash, randomUUID } from 'node:crypto';
import type { DatasetIngest, NexusClient } from '@topology-nexus/client';
import { aVector } from './rows.ts';

/** Uploads bytes as a file of a dataset, as any client does, and answers its object's id. */
export async function uploadFile(client: NexusClient, datasetName: string, bytes: Buffer): Promise<string> {
  const begun = await client.objects.begin.mutate({
    kind: 'dataset_file',
    datasetName,
    name: `${randomUUID()}.jsonl`,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  // Bytes that the store has already are not sent again.
  if (begun.object.status === 'ready') return begun.object.id;
  if (begun.upload?.method !== 'put') throw new Error('A small file goes in one PUT.');
  await fetch(begun.upload.url, { method: 'PUT', body: new Uint8Array(bytes), headers: begun.upload.headers });
  await client.objects.complete.mutate({ id: begun.object.id });
  return begun.object.id;
}

/** Every state of an ingest that the subscription tells, until the last. */
export async function followIngest(client: NexusClient, id: number): Promise<DatasetIngest[]> {
  const states: DatasetIngest[] = [];
  await new Promise<void>((resolve, reject) => {
    client.datasets.followIngest.subscribe(
      { id },
      { onData: ({ data }) => states.push(data), onComplete: resolve, onError: reject },
    );
  });
  return states;
}

/** Makes a version of a dataset of these texts, and answers its number. */
export async function ingestTexts(
  client: NexusClient,
  dataset: { id: number; name: string },
  texts: readonly string[],
): Promise<number> {
  const lines = texts.map((content, at) => JSON.stringify({ content, embedding: [...aVector(at)] }));
  const objectId = await uploadFile(client, dataset.name, Buffer.from(lines.join('\n')));
  const { id } = await client.datasets.ingest.mutate({ datasetId: dataset.id, objectId });
  const last = (await followIngest(client, id)).at(-1);
  if (last?.status !== 'done' || last.version === null) throw new Error(`The ingest ended ${last?.status}.`);
  return last.version;
}
