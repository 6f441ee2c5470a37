/**
 * Requests a second of `topologies.get` (the row alone) and `topologies.list` (50 rows) by tRPC over HTTP, 32
 * connections, beside a bare node:http handler that runs the same SQL by postgres.js and JSON.stringify. The two are
 * loaded in turn, several times; the ratio is that of the medians. Goals: 0.7 and 0.6. Then the same get as the client
 * sends it by itself, and ten of them at once; and by REST.
 */

import { createNexusClient } from '@topology-nexus/client';
import autocannon from 'autocannon';
import postgres from 'postgres';
import { requireDatabaseUrl, startReferenceProcess, startServerProcess } from './support/server.ts';

const rounds = 3;
const seconds = 4;

const DATABASE_URL = requireDatabaseUrl();
await using server = await startServerProcess({ DATABASE_URL });
await using bare = await startReferenceProcess(new URL('./support/bare-server.ts', import.meta.url), { DATABASE_URL });

const client = createNexusClient(server);
const config = { layers: 12, dimensions: 768, attention_heads: 12, optimizer: { name: 'adamw', betas: [0.9, 0.999] } };
let id = 0;
for (let n = 0; n < 60; n += 1) {
  const made = await client.topologies.create.mutate({
    name: `bench-${n}`,
    description: 'A transformer whose description is about as long as those that people write.',
    architecture: 'transformer',
    config,
  });
  id = made.id;
}
const sql = postgres(DATABASE_URL, { max: 1 });
const [owner] = await sql<
  { workspaceId: string }[]
>`select workspace_id as "workspaceId" from topologies where id = ${id}`;
await sql.end();
const workspaceId = owner?.workspaceId;

type Sent = { url: string; headers: Record<string, string> };

/** What the client sends for so many calls of one moment. */
async function asClientSends(count: number): Promise<Sent> {
  const sent: Sent[] = [];
  const told = createNexusClient({
    ...server,
    fetch: (input, init) => {
      const { url, headers } = new Request(input, init);
      sent.push({ url, headers: Object.fromEntries(headers) });
      return fetch(input, init);
    },
  });
  await Promise.all(Array.from({ length: count }, () => told.topologies.get.query({ id, include: [] })));
  const [request] = sent;
  if (!request || sent.length > 1) throw new Error(`${count} calls of one moment took ${sent.length} requests.`);
  return request;
}

const authorization = `Bearer ${server.token}`;
const sending = (url: string): Sent => ({ url, headers: { authorization } });
const ours = (procedure: string, input: unknown) =>
  sending(`${server.url}/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`);
const bareGet = sending(`${bare.url}/topologies/${id}?workspace=${workspaceId}`);
const bareList = sending(`${bare.url}/topologies?workspace=${workspaceId}`);
const cases = [
  {
    name: 'topologies.get, one row',
    goal: 0.7,
    ours: ours('topologies.get', { id, include: [] }),
    bare: bareGet,
  },
  { name: 'topologies.list, 50 rows', goal: 0.6, ours: ours('topologies.list', { limit: 50 }), bare: bareList },
  { name: 'topologies.get as the client sends it', ours: await asClientSends(1), bare: bareGet },
  { name: 'ten of them at once, by call', ours: await asClientSends(10), calls: 10, bare: bareGet },
  { name: 'topologies.get by REST', ours: sending(`${server.url}/api/topologies/${id}?include=`), bare: bareGet },
  { name: 'topologies.list by REST', ours: sending(`${server.url}/api/topologies?limit=50`), bare: bareList },
];

async function load({ url, headers }: Sent, calls = 1): Promise<number> {
  const result = await autocannon({ url, connections: 32, duration: seconds, headers });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed.`);
  return result.requests.average * calls;
}
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

for (const { name, goal, calls, ...one } of cases) {
  await load(one.ours);
  await load(one.bare);
  const measured = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.ours.push(await load(one.ours, calls));
    measured.bare.push(await load(one.bare));
  }
  const [mine, reference] = [median(measured.ours), median(measured.bare)];
  const ratio = `${(mine / reference).toFixed(2)}${goal === undefined ? '' : ` (goal ${goal})`}`;
  process.stdout.write(`${name}: ours ${mine.toFixed(0)}/s, bare ${reference.toFixed(0)}/s, ratio ${ratio}\n`);
}
