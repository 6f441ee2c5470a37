import { spawn } from 'node:child_process';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../server/config.ts';
import { buckets, sweepPendingObjects, sweepStaging } from '../../server/features/objects/index.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import { openStores } from '../../server/stores/addresses.ts';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';
import { rows } from '../../server/stores/postgres.ts';
import { openSignals } from '../../server/stores/signals.ts';
import { newDatabase } from '../support/database.ts';
import { sha256Of } from '../support/object-domain.ts';
import { started } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Kills for each of the two ways in which bytes are kept: 50 in all. */
const kills = 25;
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** The same moments again for a seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const Stored = z.object({
  bucket: z.string(),
  key: z.string(),
  status: z.string(),
  sizeBytes: z.number(),
  id: z.string(),
});

test.each([
  ['whose store lives on', false],
  ['with its embedded store', true],
])(
  `a server killed %s at ${kills} random moments under uploads and deletes leaves no row without its object, and no object without a row`,
  async (_what, isStoreKilled) => {
    const seed = Number(process.env.NEXUS_KILL_SEED ?? randomInt(2 ** 31));
    process.stdout.write(`NEXUS_KILL_SEED=${seed}\n`);
    const random = randomOf(seed);
    await using directory = await temporaryDirectory();
    const keys = { accessKey: 'kill-access', secretKey: 'kill-secret' };
    const config = readConfig(process.env);
    await using opened = new AsyncDisposableStack();
    const own =
      config.objects || isStoreKilled
        ? undefined
        : opened.use(await startEmbeddedObjects({ directory: `${directory.path}/s3`, ...keys }));
    // The bytes of one case are not those of the other, so neither are its rows.
    const database = process.env.DATABASE_URL ? opened.use(await newDatabase(process.env.DATABASE_URL)) : undefined;
    const settings: NodeJS.ProcessEnv = {
      ...process.env,
      ...(database && { DATABASE_URL: database.url }),
      ...(own && { S3_ENDPOINT: own.endpoint, S3_ACCESS_KEY: keys.accessKey, S3_SECRET_KEY: keys.secretKey }),
      NEXUS_DATA_DIR: `${directory.path}/data`,
      NEXUS_PORT: '0',
      NEXUS_LOG_LEVEL: 'silent',
    };
    let token = '';
    const ready = new Map<string, string>();
    /** Files of datasets, which go with these, many at a time. */
    const filed = new Set<string>();
    const deleted = new Set<string>();
    const acknowledged = { uploads: 0, deletes: 0 };
    // A moment is a number of requests and a little time, so that a slow machine is killed at the same places.
    const moment: { left: number; hasCome?: () => void } = { left: 0 };

    const asked = () => {
      moment.left -= 1;
      if (moment.left === 0) moment.hasCome?.();
    };
    const call = async (url: string, method: string, path: string, body?: unknown): Promise<unknown> => {
      asked();
      const response = await fetch(`${url}/trpc/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify({ json: body }) }),
      });
      const answer = z
        .object({ result: z.object({ data: z.object({ json: z.unknown() }) }) })
        .parse(await response.json());
      return answer.result.data.json;
    };
    const Begun = z.object({
      object: z.object({ id: z.string() }),
      upload: z
        .object({
          method: z.string(),
          url: z.string().optional(),
          headers: z.record(z.string(), z.string()).optional(),
          parts: z.array(z.object({ url: z.string(), headers: z.record(z.string(), z.string()) })).optional(),
          partSizeBytes: z.number().optional(),
        })
        .nullable(),
    });
    const aDataset = async (url: string) => {
      const datasetName = randomUUID();
      const made = await call(url, 'POST', 'datasets.create', { name: datasetName });
      const files: string[] = [];
      return { datasetName, files, ...z.object({ id: z.number() }).parse(made) };
    };
    const work = async (url: string, worker: number): Promise<void> => {
      let dataset = await aDataset(url);
      for (let n = 0; ; n += 1) {
        if (dataset.files.length > 2 && random() < 0.5) {
          for (const file of dataset.files) filed.delete(file);
          await call(url, 'POST', 'datasets.delete', { id: dataset.id });
          for (const file of dataset.files) deleted.add(file);
          acknowledged.deletes += dataset.files.length;
          dataset = await aDataset(url);
        }
        const [id] = ready.keys();
        if (id !== undefined && random() < 0.35) {
          ready.delete(id);
          // Whether it is deleted is not known until it is acknowledged; either is right.
          await call(url, 'POST', 'objects.delete', { id });
          deleted.add(id);
          acknowledged.deletes += 1;
          continue;
        }
        const isLarge = random() < 0.15;
        const bytes = isLarge ? Buffer.alloc(16 * 1024 * 1024 + 4096) : Buffer.alloc(3000);
        bytes.set(randomBytes(32));
        const isFile = random() < 0.5;
        const kind = isFile ? { kind: 'dataset_file', datasetName: dataset.datasetName } : { kind: 'artifact' };
        const declared = { ...kind, name: `${worker}-${n}-${sha256Of(bytes)}`, sizeBytes: bytes.length };
        const { object, upload } = Begun.parse(
          await call(url, 'POST', 'objects.begin', { ...declared, sha256: sha256Of(bytes) }),
        );
        const sends = upload?.parts ?? [{ url: upload?.url ?? '', headers: upload?.headers ?? {} }];
        for (const [index, part] of sends.entries()) {
          const size = upload?.partSizeBytes ?? bytes.length;
          const piece = bytes.subarray(index * size, (index + 1) * size);
          asked();
          await fetch(part.url, { method: 'PUT', body: new Uint8Array(piece), headers: part.headers });
        }
        // Some are begun and sent, and never completed.
        if (random() < 0.1) continue;
        await call(url, 'POST', 'objects.complete', { id: object.id });
        if (isFile) {
          dataset.files.push(object.id);
          filed.add(object.id);
        } else ready.set(object.id, sha256Of(bytes));
        acknowledged.uploads += 1;
      }
    };

    for (let kill = 0; kill < kills; kill += 1) {
      const child = spawn(process.execPath, ['--no-warnings', main, 'serve'], {
        env: settings,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const server = await started(child);
      token = server.token ?? token;
      const reached = Promise.withResolvers<void>();
      Object.assign(moment, { left: 4 + Math.floor(random() * 40), hasCome: reached.resolve });
      const workers = Promise.allSettled([0, 1, 2].map((worker) => work(server.url, kill * 10 + worker)));
      await Promise.race([reached.promise, workers]);
      await pass(random() * 40);
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await Promise.all([ended, workers]);
    }

    await using stores = await openStores(readConfig(settings));
    const log = pino({ level: 'silent' });
    const signals = await openSignals(stores.postgres.broadcast, log);
    const context = { db: stores.postgres.db, objects: stores.objects, documents: stores.documents, log, signals };
    await using relay = startRelay(context);
    const all = { ...context, wakeRelay: relay.wake };
    const { db } = stores.postgres;
    // Gives back the effects that the killed servers had taken.
    await db.execute(sql`update outbox set available_at = now()`);
    await sweepPendingObjects(all, new Date(Date.now() + 30 * 86_400_000));
    await sweepStaging(all);
    await expect
      .poll(
        async () => {
          await relay.drain();
          return (await rows(db, sql`select count(*)::float8 as n from outbox`, z.object({ n: z.number() })))[0]?.n;
        },
        { timeout: 60_000 },
      )
      .toBe(0);

    const query = sql`select o.stored_bucket as bucket, w.object_prefix || o.stored_key as key, o.status, o.id::text as id,
    o.size_bytes::float8 as "sizeBytes" from stored_objects o join workspaces w on w.id = o.workspace_id`;
    const inRows = await rows(db, query, Stored);
    const inStore = new Map<string, true>();
    for (const bucket of buckets) {
      for (let after = ''; ; ) {
        const page = await stores.objects.listKeys(bucket, '', after);
        for (const key of page) inStore.set(`${bucket}/${key}`, true);
        const last = page.at(-1);
        if (last === undefined) break;
        after = last;
      }
    }
    expect(inRows.filter(({ status }) => status !== 'ready')).toEqual([]);
    expect([...inStore.keys()].sort()).toEqual(inRows.map(({ bucket, key }) => `${bucket}/${key}`).sort());
    for (const { bucket, key, sizeBytes } of inRows) {
      expect((await stores.objects.find(bucket, key))?.sizeBytes, key).toBe(sizeBytes);
    }
    const ids = new Set(inRows.map(({ id }) => id));
    expect(
      [...ready.keys(), ...filed].filter((id) => !ids.has(id)),
      'acknowledged uploads that are not there',
    ).toEqual([]);
    expect(
      [...deleted].filter((id) => ids.has(id)),
      'acknowledged deletes that are there',
    ).toEqual([]);
    process.stdout.write(`${JSON.stringify({ kills, ...acknowledged, objects: inRows.length })}\n`);
    expect(acknowledged.uploads).toBeGreaterThan(kills);
    expect(acknowledged.deletes).toBeGreaterThan(0);
  },
);
