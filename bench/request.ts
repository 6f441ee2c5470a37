/**
 * Requests a second of `topologies.get` (the row alone) and `topologies.list` (50 rows) by tRPC over HTTP, 32
 * connections, beside a bare node:http handler that runs the same SQL by postgres.js and JSON.stringify. The two are
 * loaded in turn, several times; the ratio is that of the medians. Goals: 0.7 and 0.6. Then the same get as the client
 * sends it by itself, and ten of them at once; and by REST. The bare handler asks PostgreSQL once a request; ours reads rows
 * that are asked for in one moment by one statement.
 */

import { createNexusClient } from '@topology-nexus/client';
import autocannon from 'autocannon';
import postgres from 'postgres';
import { requireDatabaseUrl, startReferenceProcess, startServerProcess } from './support/server.ts';

const rounds = 3;
const seconds = 3;

const DATABASE_URL = requireDatabaseUrl();
await using server = await startServerProcess({ DATABASE_URL });
await using bare = await startReferenceProcess(new URL('./support/bare-server.ts', import.meta.url), { DATABASE_URL });

const client = createNexusClient(server);
const config = { layers: 12, dimensions: 768, attention_heads: 12, optimizer: { name: 'adamw', betas: [0.9, 0.999] } };
const ids: number[] = [];
for (let n = 0; n < 60; n += 1) {
  const made = await client.topologies.create.mutate({
    name: `bench-${n}`,
    description: 'A transformer whose description is about as long as those that people write.',
    architecture: 'transformer',
    config,
  });
  ids.push(made.id);
}
const sql = postgres(DATABASE_URL, { max: 1 });
const [owner] = await sql<
  { workspaceId: string }[]
>`select workspace_id as "workspaceId" from topologies where id = ${ids[0] ?? 0}`;
await sql.end();
const workspaceId = owner?.workspaceId;

/** Requests that are sent one after the other, over and over: each row in its turn. */
type Sent = { url: string; paths: readonly string[]; headers: Record<string, string> };

/** The request that the client sends for so many calls made at once. */
async function asClientSends(calls: number): Promise<Sent> {
  const sent: Request[] = [];
  const told = createNexusClient({
    ...server,
    fetch: (input, init) => {
      sent.push(new Request(input, init));
      return fetch(input, init);
    },
  });
  for (const [first, id] of ids.entries()) {
    const together = Array.from({ length: calls }, (_, next) => ids[(first + next) % ids.length] ?? id);
    await Promise.all(together.map((one) => told.topologies.get.query({ id: one, include: [] })));
  }
  const [request] = sent;
  if (!request || sent.length > ids.length) throw new Error(`${calls} calls of one moment took several requests.`);
  const paths = sent.map(({ url }) => url.slice(server.url.length));
  return { url: server.url, paths, headers: Object.fromEntries(request.headers) };
}

const headers = { authorization: `Bearer ${server.token}` };
const ours = (...paths: string[]): Sent => ({ url: server.url, paths, headers });
const trpc = (procedure: string, input: unknown) =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
const bareGet: Sent = {
  url: bare.url,
  paths: ids.map((id) => `/topologies/${id}?workspace=${workspaceId}`),
  headers,
};
const bareList: Sent = { url: bare.url, paths: [`/topologies?workspace=${workspaceId}`], headers };
const cases = [
  {
    name: 'topologies.get, one row',
    goal: 0.7,
    ours: ours(...ids.map((id) => trpc('topologies.get', { id, include: [] }))),
    bare: bareGet,
  },
  {
    name: 'topologies.list, 50 rows',
    goal: 0.6,
    ours: ours(trpc('topologies.list', { limit: 50 })),
    bare: bareList,
  },
  { name: 'topologies.get as the client sends it', ours: await asClientSends(1), bare: bareGet },
  { name: 'ten of them at once, by call', ours: await asClientSends(10), calls: 10, bare: bareGet },
  {
    name: 'topologies.get by REST',
    ours: ours(...ids.map((id) => `/api/topologies/${id}?include=`)),
    bare: bareGet,
  },
  { name: 'topologies.list by REST', ours: ours('/api/topologies?limit=50'), bare: bareList },
];

async function load({ url, paths, headers }: Sent, calls = 1): Promise<number> {
  const result = await autocannon({
    url,
    requests: paths.map((path) => ({ path })),
    connections: 32,
    duration: seconds,
    headers,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}${paths[0]}: ${result.non2xx} refused, ${result.errors} failed.`);
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
