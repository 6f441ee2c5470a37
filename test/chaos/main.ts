import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createNexusClient } from '@topology-nexus/client';
import { readConfig } from '../../server/config.ts';
import { documentDatabases } from '../../server/features/context/index.ts';
import { startEmbeddedDocuments } from '../../server/stores/embedded/documents.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { newDatabase } from '../support/database.ts';
import { startLoopbackProxy } from '../support/loopback-proxy.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { readHeld } from './held.ts';
import { type Numbers, operate, randomOf } from './load.ts';
import { compare, newModel } from './model.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '150' },
    operations: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
  },
});
const seconds = Number(values.seconds);
const operations = Number(values.operations);
const seed = Number(values.seed);
const workers = 24;
/** In all, whatever happens. */
const boundMs = (seconds + 900) * 1000;
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`chaos: seed ${seed}, ${operations} operations, ${seconds} s of trouble (--seed ${seed} repeats its choices)`);
const random = randomOf(seed);
const run = randomUUID().slice(0, 8);
await using opened = new AsyncDisposableStack();
const directory = opened.use(await temporaryDirectory());
const [user, password, accessKey, secretKey] = ['nexus', randomUUID(), randomUUID(), randomUUID()];
const couch = opened.use(
  await startEmbeddedDocuments({ directory: join(directory.path, 'documents'), user, password }),
);
couch.know(documentDatabases);
const s3 = opened.use(await startEmbeddedObjects({ directory: join(directory.path, 'objects'), accessKey, secretKey }));
const given = process.env.DATABASE_URL;
// A database of its own, so that all of it can be verified.
const database = given ? new URL(opened.use(await newDatabase(given)).url) : undefined;
const toCouch = opened.use(await startLoopbackProxy(couch.port));
const toS3 = opened.use(await startLoopbackProxy(s3.port));
const toPostgres = database && opened.use(await startLoopbackProxy(Number(database.port)));
const proxies = [
  { name: 'CouchDB', proxy: toCouch },
  { name: 'object store', proxy: toS3 },
  ...(toPostgres ? [{ name: 'PostgreSQL', proxy: toPostgres }] : []),
];
const front = opened.use(await startLoopbackProxy(1));
const throughProxy = database && new URL(database);
if (throughProxy && toPostgres) throughProxy.port = String(toPostgres.port);
const settings = {
  ...process.env,
  NEXUS_DATA_DIR: join(directory.path, 'server'),
  NEXUS_PORT: '0',
  NEXUS_LOG_LEVEL: 'error',
  COUCHDB_URL: `http://${user}:${password}@127.0.0.1:${toCouch.port}`,
  S3_ENDPOINT: `http://127.0.0.1:${toS3.port}`,
  S3_PUBLIC_ENDPOINT: '',
  S3_ACCESS_KEY: accessKey,
  S3_SECRET_KEY: secretKey,
  DATABASE_URL: throughProxy?.href ?? '',
};

let server: ChildProcess | undefined;
let token = '';
const kinds = new Map<string, number>();
let isOver = false;
async function startServer(): Promise<void> {
  // A start may meet a PostgreSQL that is away: it ends with a clear line, and a supervisor starts it again.
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const child = spawn(process.execPath, ['--no-warnings', main, 'serve'], {
      env: settings,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors = createInterface({ input: child.stderr });
    errors.on('line', (line) => {
      const kind = line.slice(0, 160);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    });
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
      const url = line.match(/listens on (\S+)/)?.[1];
      if (url) front.retarget(Number(new URL(url).port));
      token = line.match(/(nexus_\S+)/)?.[1] ?? token;
      if (line !== 'Ready') continue;
      server = child;
      child.once('exit', (code) => {
        // By itself: killed, it has no code.
        if (code === null || isOver) return;
        say(`chaos: FAILED, seed ${seed}: the server ended with ${code}: ${JSON.stringify(Object.fromEntries(kinds))}`);
        process.exit(1);
      });
      child.stdout.resume();
      return;
    }
    say(`the server did not start: ${[...kinds.keys()].at(-1) ?? 'it said nothing'}`);
    await wait(1_000);
  }
  throw new Error(`The server does not start: ${JSON.stringify(Object.fromEntries(kinds))}`);
}

await startServer();
opened.defer(() => void server?.kill('SIGKILL'));
const client = createNexusClient({ url: `http://127.0.0.1:${front.port}`, token, timeoutMs: 15_000 });
const topology = await client.topologies.create.mutate({ name: `chaos-${run}`, architecture: 'gnn' });
const experiment = await client.experiments.create.mutate({ name: run, topologyId: topology.id });
const model = newModel();
const numbers: Numbers = {};
const load = { client, model, numbers, random: randomOf(seed + 1), run, experimentId: experiment.id };

const startedAt = Date.now();
let next = 0;
let isTroubled = true;
const troubles: Record<string, number> = {};

async function trouble(): Promise<void> {
  const endsAt = startedAt + seconds * 1000;
  while (Date.now() < endsAt) {
    await wait(500 + random() * 2_500);
    const durationMs = 500 + random() * 4_000;
    const which = Math.floor(random() * (proxies.length * 3 + 3));
    const { name, proxy } = proxies[which % proxies.length] ?? { name: 'CouchDB', proxy: toCouch };
    const count = (what: string) => {
      troubles[what] = (troubles[what] ?? 0) + 1;
    };
    if (which < proxies.length * 3) {
      const kind = (['cut', 'hold', 'slow'] as const)[Math.floor(which / proxies.length)] ?? 'cut';
      count(`${name} ${kind}`);
      proxy.set(kind === 'slow' ? { kind, delayMs: 200 + random() * 3_000 } : { kind });
      await wait(durationMs);
      proxy.set({ kind: 'pass' });
    } else if (which === proxies.length * 3) {
      count('server killed by SIGKILL');
      if (server) {
        const exited = once(server, 'exit');
        server.kill('SIGKILL');
        await exited;
      }
      await startServer();
    } else {
      count('connections reset in mid-answer');
      for (let times = 0; times < 5; times += 1) {
        front.reset();
        for (const { proxy: each } of proxies) if (random() < 0.3) each.reset();
        await wait(random() * 300);
      }
    }
  }
  isTroubled = false;
}

async function work(): Promise<void> {
  while (next < operations || isTroubled) {
    if (Date.now() - startedAt > boundMs) throw new Error(`Only ${next} operations in ${boundMs} ms.`);
    next += 1;
    await operate(load, next);
  }
}

await Promise.all([trouble(), ...Array.from({ length: workers }, work)]);
const loadSeconds = Math.round((Date.now() - startedAt) / 1000);

// Accepted effects are delivered once everything is back.
for (let look = 0; ; look += 1) {
  const waiting = await client.system.outbox.query({ limit: 1 }).catch(() => undefined);
  if (waiting?.items.length === 0) break;
  if (look === 240) throw new Error(`Effects are left in the outbox: ${JSON.stringify(waiting?.items)}`);
  await wait(500);
}
isOver = true;
const stopped = once(server ?? process, 'exit');
server?.kill('SIGTERM');
await stopped;
server = undefined;

const verifying = spawn(process.execPath, ['--no-warnings', main, 'verify'], {
  env: settings,
  stdio: ['ignore', 'inherit', 'inherit'],
});
const [verifyCode] = await once(verifying, 'exit');
const verdict = compare(model, await readHeld(readConfig(settings), run));
say(`${next} operations in ${loadSeconds} s, ${workers} at a time`);
for (const [name, { done, failed }] of Object.entries(numbers)) say(`  ${name}: ${done} done, ${failed} given up`);
say(`troubles: ${JSON.stringify(troubles)}`);
if (kinds.size > 0) say(`the server's error output: ${JSON.stringify(Object.fromEntries(kinds))}`);
say(
  `acknowledged: ${model.topologies.size} topologies (${model.deletedTopologies.size} deleted), ${model.notes.size} notes, ${model.objects.size} objects, ${model.points.size} points`,
);
for (const [what, list] of Object.entries(verdict)) say(`${what}: ${list.length} ${list.slice(0, 5).join('; ')}`);
say(`verify: exit code ${verifyCode}`);
const isTrue = Object.values(verdict).every((list) => list.length === 0) && verifyCode === 0;
say(isTrue ? 'chaos: passed' : `chaos: FAILED, seed ${seed}`);
process.exitCode = isTrue ? 0 : 1;
