import { eq, like } from 'drizzle-orm';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { outbox, workspaces } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import { NexusError } from '../../server/errors.ts';
import { enqueue } from '../../server/outbox/enqueue.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import { openStores } from '../../server/stores/addresses.ts';
import type { DocumentStore } from '../../server/stores/documents.ts';
import { openSignals } from '../../server/stores/signals.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const patient = { timeout: 20_000, interval: 1 };

async function openRelay() {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const { postgres, objects, documents } = opened.use(
    await openStores(readConfig({ ...process.env, NEXUS_DATA_DIR: directory.path })),
  );
  const { db } = postgres;
  const log = pino({ level: 'silent' });
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db, objects, documents, log, signals }));
  const database = `outbox_${crypto.randomUUID()}`;
  await documents.prepare({ [database]: {} });
  const name = `w-${crypto.randomUUID()}`;
  const [workspace] = await db
    .insert(workspaces)
    .values({ name, objectPrefix: `${name}/` })
    .returning();
  if (!workspace) throw new Error('no workspace');
  const closing = opened.move();
  const effect = (id: string, text: string) => ({
    workspaceId: workspace.id,
    createdBy: null,
    kind: 'documents.put.v1' as const,
    payload: { database, document: { _id: id, text } },
    entity: `${database}:${id}`,
  });
  const waiting = () => db.select().from(outbox).where(eq(outbox.workspaceId, workspace.id)).orderBy(outbox.id);
  const stores = { db, objects, documents, log, signals };
  return {
    stores,
    db,
    documents,
    relay,
    database,
    effect,
    waiting,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

test('an effect happens when its transaction commits, and not when it is rolled back', async () => {
  await using open = await openRelay();
  await open.db.transaction((tx) => enqueue(tx, open.effect('kept', 'a')));
  const failing = open.db.transaction(async (tx) => {
    await enqueue(tx, open.effect('lost', 'a'));
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  await open.relay.drain();
  expect(await open.documents.find(open.database, 'kept')).toMatchObject({ text: 'a' });
  expect(await open.documents.find(open.database, 'lost')).toBeUndefined();
  expect(await open.waiting()).toEqual([]);
});

test('an effect that its store refuses waits with the cause, holds back those of its entity, and no other', async () => {
  await using open = await openRelay();
  await open.documents.put(open.database, { _id: 'taken', text: 'other' });
  await open.db.transaction(async (tx) => {
    await enqueue(tx, open.effect('taken', 'a'));
    await enqueue(tx, { ...open.effect('behind', 'a'), entity: `${open.database}:taken` });
    await enqueue(tx, open.effect('free', 'a'));
  });
  await open.relay.drain();
  expect(await open.documents.find(open.database, 'free')).toMatchObject({ text: 'a' });
  expect(await open.documents.find(open.database, 'behind')).toBeUndefined();
  const waiting = await open.waiting();
  expect(waiting.map((effect) => effect.attempts > 0)).toEqual([true, false]);
  expect(waiting[0]?.lastError).toContain('changed in between');
});

test('three relays share the effects: each entity in order, none lost, and one slow entity holds no other up', async () => {
  await using open = await openRelay();
  const written: string[] = [];
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const documents: DocumentStore = {
    ...open.documents,
    async put(database, document) {
      if (document._id === 'slow-0') await held;
      written.push(document._id);
      return open.documents.put(database, document);
    },
  };
  await using stack = new AsyncDisposableStack();
  await open.db.transaction(async (tx) => {
    for (let place = 0; place < 5; place += 1) {
      for (const name of ['slow', 'a', 'b', 'c']) {
        await enqueue(tx, { ...open.effect(`${name}-${place}`, 'x'), entity: `${open.database}:${name}` });
      }
    }
  });
  await open.relay[Symbol.asyncDispose]();
  const relays = [1, 2, 3].map(() => stack.use(startRelay({ ...open.stores, documents })));
  await expect.poll(() => written.length, patient).toBe(15);
  expect(written.filter((id) => id.startsWith('slow'))).toEqual([]);
  release();
  await Promise.all(relays.map((relay) => relay.drain()));
  await expect.poll(open.waiting, patient).toEqual([]);
  for (const name of ['slow', 'a', 'b', 'c']) {
    const order = [0, 1, 2, 3, 4].map((place) => `${name}-${place}`);
    expect(written.filter((id) => id.startsWith(name))).toEqual(order);
  }
});

test('an effect that outlasts its claim is not taken by another relay', async () => {
  await using open = await openRelay();
  await open.relay[Symbol.asyncDispose]();
  let calls = 0;
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const documents: DocumentStore = {
    ...open.documents,
    async put(database, document) {
      // Effects that other tests left are delivered too.
      if (database !== open.database) return open.documents.put(database, document);
      calls += 1;
      await held;
      return open.documents.put(database, document);
    },
  };
  await open.db.transaction((tx) => enqueue(tx, open.effect('long', 'a')));
  await using _first = startRelay({ ...open.stores, documents }, { claimMs: 6_000 });
  await using _second = startRelay({ ...open.stores, documents }, { claimMs: 6_000 });
  await expect.poll(() => calls, patient).toBe(1);
  const claimedUntil = async () => (await open.waiting())[0]?.availableAt.getTime() ?? 0;
  const first = await claimedUntil();
  // Renewed past its first end, more than twice.
  await expect.poll(claimedUntil, { timeout: 40_000 }).toBeGreaterThan(first + 7_000);
  expect(calls).toBe(1);
  release();
  await expect.poll(open.waiting, patient).toEqual([]);
  expect(calls).toBe(1);
});

test('an effect is parked with its cause after twelve refusals, not while its store is away, and goes on when retried', async () => {
  await using open = await openRelay();
  await open.relay[Symbol.asyncDispose]();
  let refusal: NexusError | undefined = new NexusError('conflict', 'It was changed in between.');
  const documents: DocumentStore = {
    ...open.documents,
    async put(database, document) {
      if (refusal) throw refusal;
      return open.documents.put(database, document);
    },
  };
  await open.db.transaction((tx) => enqueue(tx, open.effect('refused', 'a')));
  await using relay = startRelay({ ...open.stores, documents });
  const again = async () => {
    await open.db
      .update(outbox)
      .set({ availableAt: new Date(0) })
      .where(like(outbox.entity, `${open.database}:%`));
    await relay.drain();
    return (await open.waiting())[0];
  };
  await expect
    .poll(async () => {
      const effect = await again();
      return [effect?.attempts, effect?.parkedAt !== null, effect?.lastError];
    }, patient)
    .toEqual([12, true, 'It was changed in between.']);

  refusal = new NexusError('unavailable', 'The store is away.');
  await open.db.transaction((tx) => enqueue(tx, open.effect('away', 'a')));
  const away = async () => (await open.waiting()).find(({ entity }) => entity.endsWith(':away'));
  await expect
    .poll(async () => {
      await again();
      return (await away())?.attempts ?? 0;
    }, patient)
    .toBeGreaterThan(12);
  expect((await away())?.parkedAt).toBeNull();
});
