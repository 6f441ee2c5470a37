import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { datasets } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import { type Database, inTime, rows } from '../../stores/postgres.ts';
import { rankingPartOf } from '../highlight.ts';

/** The names of datasets by their ids. */
export async function findDatasetNames(
  db: Database,
  actor: Actor,
  ids: readonly number[],
): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const found = await db
    .select({ id: datasets.id, name: datasets.name })
    .from(datasets)
    .where(and(eq(datasets.workspaceId, actor.workspaceId), inArray(datasets.id, [...ids])));
  return new Map(found.map(({ id, name }) => [id, name]));
}

const Named = z.object({ id: z.coerce.number(), title: z.string(), description: z.string() });

const tables = {
  topology: { table: sql`topologies`, more: sql`t.architecture` },
  model: { table: sql`models`, more: sql`''` },
};

/**
 * Topologies or models with the words in their name, architecture or description, or the text as a part of their name; a
 * name counts for more than what is said of it. A workspace has thousands of them, not millions: they are read without an
 * index of their own.
 */
export function matchNamed(
  db: Database,
  actor: Actor,
  type: 'topology' | 'model',
  text: string,
  limit: number,
): Promise<z.infer<typeof Named>[]> {
  const { table, more } = tables[type];
  const part = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  // Names join their words by hyphens and underscores.
  const words = sql`setweight(to_tsvector('english', t.name || ' ' || translate(t.name, '-_./', '    ')), 'A')
    || setweight(to_tsvector('english', ${more} || ' ' || t.description), 'C')`;
  const query = sql`
    with query as (
      select websearch_to_tsquery('english', ${text}) as q, websearch_to_tsquery('english', ${rankingPartOf(text)}) as r)
    select t.id::float8 as id, t.name as title, t.description
    from ${table} t, query
    where ${inTime(db)} and t.workspace_id = ${actor.workspaceId} and ((${words}) @@ q or t.name ilike ${part})
    order by (t.name ilike ${part})::int + ts_rank_cd(${words}, r, 32) desc, t.id desc limit ${limit}`;
  return rows(db, query, Named);
}
