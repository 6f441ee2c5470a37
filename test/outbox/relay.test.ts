import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { outbox, workspaces } from '../../drizzle/schema/index.ts';
import { readConfig } from '../../server/config.ts';
import { enqueue } from '../../server/outbox/enqueue.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import { openStores } from '../../server/stores/addresses.ts';
import { openSignals } from '../../server/stores/signals.ts';
import { temporaryDirectory } from '../support/temporary.ts';

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
  await documents.ensureDatabase(database, {});
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
  return { db, documents, relay, database, effect, waiting, [Symbol.asyncDispose]: () => closing.disposeAsync() };
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
