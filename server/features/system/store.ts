import { and, asc, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { outbox } from '../../../drizzle/schema/index.ts';
import { type Database, rows, type Transaction } from '../../stores/postgres.ts';
import type { Effect, OutboxInput } from './contract.ts';

export async function pingPostgres(db: Database): Promise<void> {
  await rows(db, sql`select 1::int as one`, z.object({ one: z.number() }));
}

export type OutboxDepth = { waiting: number; parked: number; lagSeconds: number };

export async function countOutbox(db: Database): Promise<OutboxDepth> {
  const [row] = await rows(
    db,
    sql`select count(*) filter (where parked_at is null)::int as waiting, count(parked_at)::int as parked,
      coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as "lagSeconds"
      from outbox`,
    z.object({ waiting: z.number(), parked: z.number(), lagSeconds: z.number() }),
  );
  return row ?? { waiting: 0, parked: 0, lagSeconds: 0 };
}

const parkedOf = (ids: readonly number[]) => and(inArray(outbox.id, [...ids]), isNotNull(outbox.parkedAt));

/** Of every workspace, in the order in which they were decided. */
export function selectEffects(
  db: Database,
  { isParked, limit }: OutboxInput,
  after: number | undefined,
): Promise<Effect[]> {
  const narrowed = isParked === undefined ? undefined : isParked ? isNotNull(outbox.parkedAt) : isNull(outbox.parkedAt);
  return db
    .select()
    .from(outbox)
    .where(and(narrowed, after === undefined ? undefined : gt(outbox.id, after)))
    .orderBy(asc(outbox.id))
    .limit(limit + 1);
}

export async function unparkEffects(tx: Transaction, ids: readonly number[]): Promise<number[]> {
  const found = await tx
    .update(outbox)
    .set({ parkedAt: null, attempts: 0, availableAt: sql`now()` })
    .where(parkedOf(ids))
    .returning({ id: outbox.id });
  return found.map(({ id }) => id);
}

export async function deleteParked(
  tx: Transaction,
  ids: readonly number[],
): Promise<{ id: number; kind: string; entity: string }[]> {
  return tx.delete(outbox).where(parkedOf(ids)).returning({ id: outbox.id, kind: outbox.kind, entity: outbox.entity });
}
