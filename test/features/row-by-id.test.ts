import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topologies } from '../../drizzle/schema/index.ts';
import { requireTopology } from '../../server/features/topologies/index.ts';
import type { Actor } from '../../server/procedure/actor.ts';
import type { Database } from '../../server/stores/postgres.ts';
import { aMember } from '../support/members.ts';
import { openPostgresDomain, type PostgresDomain } from '../support/postgres-domain.ts';

let domain: PostgresDomain;
beforeAll(async () => {
  domain = await openPostgresDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

async function aTopology({ workspaceId }: Actor, db: Database = domain.stores.db) {
  const [row] = await db
    .insert(topologies)
    .values({ workspaceId, name: randomUUID(), description: '', architecture: 'transformer', config: {} })
    .returning();
  if (!row) throw new Error('The insert answered no row.');
  return row;
}

test('rows asked for in one moment by several workspaces reach whoever asked, and nobody else', async () => {
  const { db } = domain.stores;
  const members = await Promise.all(Array.from({ length: 4 }, () => aMember(domain.stores)));
  const rows = await Promise.all(
    Array.from({ length: 40 }, (_, n) => members[n % 4]).map((one) => one && aTopology(one)),
  );
  const asked = [...rows, ...rows].flatMap((row) => members.map((actor) => ({ actor, row })));
  const answers = await Promise.allSettled(asked.map(({ actor, row }) => requireTopology(db, actor, row?.id ?? 0)));
  for (const [place, answer] of answers.entries()) {
    const { actor, row } = asked[place] ?? {};
    if (row?.workspaceId === actor?.workspaceId) expect(answer).toMatchObject({ status: 'fulfilled', value: row });
    else expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'not_found' } });
  }
});

test('a row that was written before it is asked for is found, whatever is read meanwhile', async () => {
  const { db } = domain.stores;
  const actor = await aMember(domain.stores);
  const found = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const { id } = await aTopology(actor);
      return (await requireTopology(db, actor, id)).id === id;
    }),
  );
  expect(found).toEqual(found.map(() => true));
});

test('a transaction sees its own row, and asking the pool inside of it fails instead of hanging', async () => {
  const { db } = domain.stores;
  const actor = await aMember(domain.stores);
  const other = await aTopology(actor);
  await db.transaction(async (tx) => {
    const { id } = await aTopology(actor, tx);
    expect((await requireTopology(tx, actor, id)).id).toBe(id);
  });
  const reads = db.transaction(async () => requireTopology(db, actor, other.id));
  const beside = requireTopology(db, actor, other.id);
  await expect(reads).rejects.toThrow('A transaction waits for itself');
  expect((await beside).id).toBe(other.id);
});
