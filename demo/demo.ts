/**
 * `npm run demo`: carries real work through a running server by the client alone, and says what it did and found. The
 * data is described in README.md beside this file. Run again, it finds what is there and adds a run to it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { createNexusClient, type NewChunk } from '@topology-nexus/client';
import { runningServer } from '../examples/node/running-server.ts';
import { adapterConfig, type Curve, decodeEmbedding, epochsOf, type Query, readJson } from './data.ts';

const server = runningServer();
const nexus = createNexusClient(server);
const data = (name: string) => fileURLToPath(new URL(`data/${name}`, import.meta.url));

const say = (text: string) => process.stdout.write(`${text}\n`);
const step = (text: string) => say(`\n== ${text}`);
const check = (isTrue: boolean, claim: string) => {
  if (!isTrue) throw new Error(`The demonstration failed: ${claim}.`);
  say(`   ok: ${claim}`);
};
/** A line that is written over, on a terminal. */
const progress = (text: string, isLast: boolean) => {
  if (process.stdout.isTTY) process.stdout.write(`\r   ${text}${isLast ? '\n' : ''}`);
  else if (isLast) say(`   ${text}`);
};

step(`The server at ${server.url}`);
const health = await nexus.system.health.query();
say(
  `   ${health.status}: postgres ${health.stores.postgres.status}, objects ${health.stores.objects.status}, documents ${health.stores.documents.status}`,
);

step('A topology and a QLoRA module whose adapter PEFT wrote');
const curve = readJson<Curve>(data('training-curve.json'));
const { config } = curve;
const name = 'demo-transformer';
const listed = await nexus.topologies.list.query({ name });
const topology =
  listed.items.find((one) => one.name === name) ??
  (await nexus.topologies.create.mutate({
    name,
    description: `A decoder-only transformer over characters, trained on ${curve.dataset.text}.`,
    architecture: 'transformer',
    config,
  }));
const topologyId = topology.id;
say(
  `   topology ${topologyId}: ${config.layers} layers, ${config.dimensions} dimensions, ${config.parameters} parameters`,
);

const peft = adapterConfig(data('adapter/adapter_config.json'));
const modules = await nexus.modules.list.query({ topologyId });
const adapter =
  modules.items.find((one) => one.name === 'demo-adapter') ??
  (await nexus.modules.create.mutate({
    topologyId,
    name: 'demo-adapter',
    rank: peft.r,
    alpha: peft.lora_alpha,
    dropout: peft.lora_dropout,
    targetModules: peft.target_modules,
    baseModel: peft.base_model_name_or_path,
    quantizationBits: 4,
  }));
const adapterVersion = await nexus.uploads.model({
  name: 'demo-adapter',
  source: data('adapter/adapter_model.safetensors'),
  topologyId,
  moduleId: adapter.id,
  metadata: { peft },
});
say(`   module ${adapter.id}: rank ${adapter.rank}, alpha ${adapter.alpha}, on ${adapter.targetModules.join(', ')}`);
say(`   its weights are version ${adapterVersion.version} of model "demo-adapter", ${adapterVersion.sizeBytes} bytes`);

step('A dataset of text chunks with all-MiniLM-L6-v2 embeddings');
const datasetName = 'demo-manuals';
const datasets = await nexus.datasets.list.query({ name: datasetName });
const dataset =
  datasets.items.find((one) => one.name === datasetName) ??
  (await nexus.datasets.create.mutate({ name: datasetName, description: 'The PostgreSQL and Python manuals.' }));
let sent = 0;
let added = 0;
for await (const chunks of chunksInBatches(data('chunks.jsonl.gz'), 500)) {
  const { newCount } = await nexus.chunks.addMany.mutate({ datasetId: dataset.id, chunks });
  sent += chunks.length;
  added += newCount;
  progress(`${sent} chunks sent, ${added} of them new`, chunks.length < 500);
}
say(`   dataset ${dataset.id} holds ${(await nexus.datasets.get.query({ id: dataset.id })).chunkCount} chunks`);

step('Questions, and the chunks that they have to find');
const queries = readJson<Query[]>(data('queries.json'));
let hits = 0;
for (const { query, embedding, expected, k } of queries) {
  const found = await nexus.chunks.search.query({ datasetIds: [dataset.id], embedding: decodeEmbedding(embedding), k });
  const place = found.items.findIndex(({ chunk }) => chunk.content === expected.content);
  if (place >= 0) hits += 1;
  const similarity = found.items[place]?.similarity?.toFixed(3) ?? 'not found';
  say(`   ${query}\n      -> ${expected.metadata.section} (place ${place + 1} of ${k}, similarity ${similarity})`);
}
check(hits === queries.length, `${hits} of ${queries.length} questions found their chunk`);
const byWords = await nexus.chunks.search.query({ datasetIds: [dataset.id], text: 'vacuum dead rows', k: 1 });
say(`   by words: ${byWords.items[0]?.highlight?.replaceAll(/\s+/g, ' ') ?? 'nothing'}`);

step('A training run with its curve');
const run = await nexus.training.start.mutate({
  topologyId,
  datasets: [{ datasetId: dataset.id }],
  name: 'demo-training',
  params: config,
  tags: ['demo'],
});
const epochs = epochsOf(curve);
const logged = await nexus.training.log.mutate({
  runId: run.id,
  columns: [
    { key: 'loss', steps: epochs.steps, values: epochs.trainLoss },
    { key: 'val/loss', steps: epochs.steps, values: epochs.valLoss },
    { key: 'val/accuracy', steps: epochs.steps, values: epochs.valAccuracy },
    {
      key: 'step/loss',
      steps: Float64Array.from(curve.steps, (one) => one.step),
      values: Float64Array.from(curve.steps, (one) => one.train_loss),
    },
  ],
});
const last = curve.epochs.at(-1);
const finished = await nexus.training.finish.mutate({
  id: run.id,
  accuracy: last?.val_accuracy,
  epochs: curve.epochs.length,
  results: { final_model: 'checkpoint.safetensors' },
});
say(`   run ${run.id}: ${logged.added} points, ${finished.status}, accuracy ${finished.accuracy?.toFixed(4)}`);
const history = await nexus.training.history.query({ runId: run.id, key: 'step/loss', points: 60 });
say(
  `   its loss, ${history.count} steps as ${history.points.length} points: ${sparkline(history.points.map(({ value }) => value))}`,
);

step('A checkpoint, uploaded and downloaded again by presigned URL');
const file = data('checkpoint.safetensors');
const before = createHash('sha256').update(readFileSync(file)).digest('hex');
const checkpointName = 'demo-final';
const checkpoint =
  (await nexus.checkpoints.list.query({ topologyId })).items.find((one) => one.name === checkpointName) ??
  (await nexus.uploads.checkpoint({
    name: checkpointName,
    topologyId,
    runId: run.id,
    step: last?.step,
    source: file,
    onProgress: ({ phase, doneBytes, totalBytes }) =>
      progress(`${phase} ${doneBytes} of ${totalBytes} bytes`, phase === 'completing' && doneBytes === totalBytes),
  }));
const { url: presigned } = await nexus.objects.presign.mutate({ id: checkpoint.objectId, expirySeconds: 300 });
const downloaded = new Uint8Array(await (await fetch(presigned)).arrayBuffer());
const after = createHash('sha256').update(downloaded).digest('hex');
say(`   ${checkpoint.path}, ${downloaded.length} bytes`);
check(after === before, `SHA-256 ${after.slice(0, 16)}… is that of the file`);

step('Context, an experiment and annotations');
await nexus.context.add.mutate({
  id: `demo_note_${topologyId}`,
  type: 'training_note',
  data: 'Validation loss still falls after the last epoch: the model is undertrained rather than overfitting.',
  topologyId,
  metadata: { priority: 'medium', tags: ['training', 'demo'] },
});
const experiment = await nexus.experiments.create.mutate({
  name: 'Adapter rank',
  topologyId,
  parameters: { rank: [peft.r], alpha: [peft.lora_alpha] },
});
const adapterCurve = readJson<Curve>(data('adapter-training.json'));
await nexus.experiments.logMetrics.mutate({
  id: experiment.id,
  metrics: adapterCurve.epochs.map(({ epoch, train_loss, val_loss }) => ({ epoch, train_loss, val_loss })),
});
const adapterLoss = adapterCurve.epochs.at(-1)?.val_loss ?? null;
await nexus.experiments.complete.mutate({ id: experiment.id, results: { val_loss: adapterLoss } });
const { metrics } = await nexus.experiments.get.query({ id: experiment.id });
await nexus.annotations.add.mutate({
  targetType: 'run',
  targetId: run.id,
  annotation: 'The run of the demonstration.',
  tags: ['demo'],
});
const notes = await nexus.context.search.query({ text: 'undertrained', topologyId, limit: 3 });
say(`   experiment ${experiment.id}: ${metrics.length} points, validation loss ${adapterLoss?.toFixed(4)}`);
check(notes.items.length === 1, `the note is found by its words: ${notes.items[0]?.highlight}`);

step('What it came to');
const { analytics } = await nexus.topologies.get.query({ id: `topology-${topologyId}` });
say(JSON.stringify(analytics, null, 2).replaceAll(/^/gm, '   '));
say('\nDone.');

async function* chunksInBatches(path: string, size: number): AsyncGenerator<NewChunk[]> {
  let batch: NewChunk[] = [];
  for await (const line of createInterface(createReadStream(path).pipe(createGunzip()))) {
    const { content, embedding, metadata } = JSON.parse(line);
    batch.push({ content, embedding: decodeEmbedding(embedding), metadata });
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function sparkline(values: readonly number[]): string {
  const bars = '▁▂▃▄▅▆▇█';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => bars[Math.round(((value - least) / (most - least || 1)) * 7)]).join('');
}
