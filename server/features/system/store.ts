import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Database, rows } from '../../stores/postgres.ts';

export async function pingPostgres(db: Database): Promise<void> {
  await rows(db, sql`select 1::int as one`, z.object({ one: z.number() }));
}

export async function countOutbox(db: Database): Promise<{ waiting: number; parked: number }> {
  const [row] = await rows(
    db,
    sql`select count(*) filter (where parked_at is null)::int as waiting, count(parked_at)::int as parked from outbox`,
    z.object({ waiting: z.number(), parked: z.number() }),
  );
  return row ?? { waiting: 0, parked: 0 };
}
