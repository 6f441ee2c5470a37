/**
 * Context adds a second by the client, 32 at once, beside bare nano's to the same CouchDB in turn (goal 0.6), and the p95 of
 * searches over 200,000 documents (NEXUS_BENCH_DOCUMENTS: fewer) beside CouchDB's own $regex search of the same.
 * COUCHDB_URL and DATABASE_URL name real stores; without them they are embedded. `npm run bench -- context adds` runs that
 * part only (adds, search).
 */
import { createNexusClient } from '@topology-nexus/client';
import nano from 'nano';
import { v7 } from 'uuid';
import { startReferenceProcess, startServerProcess } from './support/server.ts';

const rounds = 5;
const seconds = 4;
const atOnce = 32;
const total = Number(process.env.NEXUS_BENCH_DOCUMENTS ?? 200_000);
const only = process.argv.slice(3);
const isWanted = (part: string) => only.length === 0 || only.includes(part);

await using stack = new AsyncDisposableStack();
let couchUrl = process.env.COUCHDB_URL;
if (!couchUrl) {
  const reference = stack.use(await startReferenceProcess(new URL('./support/bare-couch.ts', import.meta.url), {}));
  couchUrl = reference.url.replace('//', '//bench:bench@');
}
const server = stack.use(await startServerProcess({ COUCHDB_URL: couchUrl }));
const client = createNexusClient(server);
const couch = nano(couchUrl);
const bareDatabase = `bench_${v7()}`;
await couch.db.create(bareDatabase);
stack.defer(async () => {
  await couch.db.destroy(bareDatabase);
});
const bare = couch.use<Record<string, unknown>>(bareDatabase);
const topology = await client.topologies.create.mutate({ name: `bench-${v7()}`, architecture: 'transformer' });

const print = (line: string) => process.stdout.write(`${line}\n`);
const at = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

const note = {
  type: 'training_note',
  data: 'Model shows overfitting after epoch 8: the validation loss rises while the training loss still falls.',
  metadata: { priority: 'high', author: 'ml-engineer', tags: ['overfitting', 'training'] },
};
const addOurs = () => client.context.add.mutate({ ...note, topologyId: topology.id });
const addBare = () =>
  bare.insert({
    _id: `ctx_${v7()}`,
    ...note,
    topology_id: `topology-${topology.id}`,
    timestamp: new Date().toISOString(),
    created_by: 1,
    workspace_id: 1,
  });

async function addsPerSecond(add: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() - startedAt < seconds * 1000) {
        await add();
        count += 1;
      }
    }),
  );
  return (count * 1000) / (performance.now() - startedAt);
}

// Words as often as in a language: the n-th is n times rarer than the first.
const vocabulary = Array.from({ length: 20_000 }, (_, n) => `w${(n * 7919).toString(36)}`);
let seed = 1;
const random = () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
const aWord = () => vocabulary[Math.floor(vocabulary.length ** random()) - 1] ?? '';
const aText = () => Array.from({ length: 30 }, aWord).join(' ');

if (isWanted('adds')) await benchAdds();
if (isWanted('search')) await benchSearch();

async function benchAdds() {
  await addsPerSecond(addOurs);
  await addsPerSecond(addBare);
  const measured = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.ours.push(await addsPerSecond(addOurs));
    measured.bare.push(await addsPerSecond(addBare));
  }
  const [ours, reference] = [at(measured.ours, 0.5), at(measured.bare, 0.5)];
  print(
    `context.add, ${atOnce} at once: ours ${ours.toFixed(0)}/s, bare nano ${reference.toFixed(0)}/s, ratio ${(ours / reference).toFixed(2)} (goal 0.6)`,
  );
}

async function benchSearch() {
  const loadedAt = performance.now();
  for (let done = 0; done < total; done += 5000) {
    const documents = Array.from({ length: Math.min(5000, total - done) }, (_, n) => ({
      type: n % 2 ? 'training_note' : 'metric',
      data: n % 2 ? aText() : { text: aText(), epoch: n },
      topologyId: topology.id,
    }));
    const { results } = await client.context.addMany.mutate({ documents });
    const refused = results.find(({ status }) => status !== 'added');
    if (refused) throw new Error(`A document was not added: ${refused.reason}`);
  }
  const loadSeconds = (performance.now() - loadedAt) / 1000;
  print(`context.addMany: ${total} documents in ${loadSeconds.toFixed(0)} s, ${(total / loadSeconds).toFixed(0)}/s`);

  // From a word in every second document to words in a handful, alone and in pairs.
  const queries = [3, 10, 30, 100, 300, 1000, 3000, 10_000].flatMap((n) => {
    const [word = '', other = ''] = [vocabulary[n], vocabulary[Math.floor(n / 3)]];
    return [word, `${word} ${other}`];
  });
  const times: number[] = [];
  let slowest = { text: '', ms: 0 };
  for (let round = 0; round < 10; round += 1) {
    for (const text of queries) {
      const startedAt = performance.now();
      await client.context.search.query({ text });
      const ms = performance.now() - startedAt;
      if (round > 0) times.push(ms);
      if (round > 0 && ms > slowest.ms) slowest = { text, ms };
    }
  }
  const regexTimes: number[] = [];
  const stored = couch.use('topology_context');
  for (const word of [vocabulary[30], vocabulary[1000], vocabulary[10_000]]) {
    const startedAt = performance.now();
    await stored.find({ selector: { data: { $regex: `\\b${word}\\b` } }, limit: 10 });
    regexTimes.push(performance.now() - startedAt);
  }
  print(
    `context.search over ${total}: p50 ${at(times, 0.5).toFixed(1)} ms, p95 ${at(times, 0.95).toFixed(1)} ms (slowest ${slowest.ms.toFixed(0)} ms, "${slowest.text}")`,
  );
  print(`CouchDB's $regex over the same: p95 ${at(regexTimes, 0.95).toFixed(0)} ms of ${regexTimes.length}`);
}
