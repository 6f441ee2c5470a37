/**
 * Measures how attacks slow a good caller: `users.me` at 100 calls a second, alone and beside each attack of
 * `support/attack.ts`, which runs in a process of its own, with a token of another workspace where it needs one. Prints
 * the median and the 99th percentile of both, in turn, and the attacker's answers. Goal: every good call answered with
 * 200.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNexusClient, type NexusClient } from '@topology-nexus/client';
import autocannon from 'autocannon';
import { z } from 'zod';
import { type ServerProcess, startServerProcess } from './support/server.ts';

const seconds = 6;
const callsPerSecond = 100;
const attacks = [
  'half-sent calls',
  'endless bodies',
  'batches of health',
  'guesses at a password',
  'types that allocate',
  'subscriptions',
  'answers that are not read',
  'searches in one long text',
];

for (const name of attacks) {
  // A fresh one each: an address that called too often is refused for a minute, whatever it tries next.
  await using server = await startServerProcess();
  const attacker = await anotherWorkspace(server);
  await fill(createNexusClient({ url: server.url, token: attacker }));
  const alone = await good(server);
  const [beside, answered] = await Promise.all([good(server), attack(name, server.url, attacker)]);
  process.stdout.write(`${name}: alone ${shown(alone)}; beside ${shown(beside)}; the attacker ${answered}\n`);
}

/** Documents that make answers of 19 MB, and a chunk of 100,000 characters. */
async function fill({ context, datasets, chunks }: NexusClient): Promise<void> {
  for (let n = 0; n < 20; n += 1) await context.add.mutate({ type: 'note', data: 'x'.repeat(950_000) });
  const { id: datasetId } = await datasets.create.mutate({ name: 'long' });
  const words = Array.from({ length: 30_000 }, (_, at) => `w${at % 200}`);
  const content = words.join(' ').slice(0, 100_000);
  await chunks.addMany.mutate({ datasetId, chunks: [{ content, embedding: new Float32Array(384).fill(0.05) }] });
}

function good(server: ServerProcess) {
  const headers = { authorization: `Bearer ${server.token}` };
  const url = `${server.url}/api/users/me`;
  return autocannon({ url, connections: 4, overallRate: callsPerSecond, duration: seconds, headers });
}

async function attack(name: string, url: string, attacker: string): Promise<string> {
  const file = fileURLToPath(new URL('./support/attack.ts', import.meta.url));
  const given = ['--no-warnings', file, name, url, `${seconds}`, attacker];
  return (await promisify(execFile)(process.execPath, given)).stdout.trim();
}

function shown({ latency, non2xx, errors, requests }: autocannon.Result): string {
  return `p50 ${latency.p50} ms, p99 ${latency.p99} ms (${requests.total} calls, ${non2xx + errors} refused or failed)`;
}

/** A token of an owner in a workspace of its own. */
async function anotherWorkspace(server: ServerProcess): Promise<string> {
  const post = async (path: string, body: unknown, headers: Record<string, string>) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const operator = { authorization: `Bearer ${server.token}` };
  const [email, password] = [`${randomUUID()}@example.org`, randomUUID()];
  const Invited = z.object({ token: z.string() });
  const invitation = await post('/api/invitations', { email, role: 'owner', makes_admin: true }, operator);
  await post('/api/invitations/accept', { ...Invited.parse(await invitation.json()), username: email, password }, {});
  const signedIn = await post('/auth/sign-in/email', { email, password }, { origin: server.url });
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]);
  const person = { cookie: cookie.join('; '), origin: server.url };
  const made = await post('/api/workspaces', { name: 'others' }, person);
  const { id } = z.object({ id: z.number() }).parse(await made.json());
  const token = await post(
    '/api/tokens',
    { name: 'attacker', scope: 'admin' },
    { ...person, 'x-nexus-workspace': String(id) },
  );
  return Invited.parse(await token.json()).token;
}
