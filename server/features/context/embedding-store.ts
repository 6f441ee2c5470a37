import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { followerPositions } from '../../../drizzle/schema/index.ts';
import { type Database, rows } from '../../stores/postgres.ts';
import { vectorText } from './ranking-store.ts';
import { decidedRevision } from './store.ts';

const Unembedded = z.object({
  workspaceId: z.number(),
  documentId: z.string(),
  revision: z.string(),
  text: z.string(),
  updatedAt: z.number(),
});
export type Unembedded = z.infer<typeof Unembedded>;
/** An endpoint reads the first few hundred words of a text. */
const maxEmbeddedChars = 8_000;

/** Documents without a vector of this model for their revision that the index took since, in the order of that. */
export function selectUnembedded(db: Database, model: string, sinceMs: number, limit: number): Promise<Unembedded[]> {
  const query = sql`
    select c.workspace_id::float8 as "workspaceId", c.document_id as "documentId", c.revision,
      left(c.body, ${maxEmbeddedChars}) as text, (extract(epoch from c.updated_at) * 1000)::float8 as "updatedAt"
    from context_index c
    where c.updated_at >= to_timestamp(${sinceMs}::float8 / 1000) and c.revision <> ${decidedRevision} and not exists (
      select 1 from context_embeddings e
      where e.workspace_id = c.workspace_id and e.document_id = c.document_id and e.revision = c.revision and e.model = ${model})
    order by c.updated_at limit ${limit}`;
  return rows(db, query, Unembedded);
}

/** Keeps vectors of documents that are still at the revision that was embedded. */
export async function writeEmbeddings(
  db: Database,
  model: string,
  given: readonly (Unembedded & { vector: Float32Array | null })[],
): Promise<void> {
  const json = JSON.stringify(
    given.map(({ workspaceId, documentId, revision, vector }) => ({
      workspace_id: workspaceId,
      document_id: documentId,
      revision,
      embedding: vector && vectorText(vector),
    })),
  );
  await db.execute(sql`
    insert into context_embeddings (workspace_id, document_id, revision, model, embedding)
    select c.workspace_id, c.document_id, c.revision, ${model}::text, given.embedding::vector
    from json_to_recordset(${json}::text::json) as given (workspace_id bigint, document_id text, revision text, embedding text)
      join context_index c using (workspace_id, document_id, revision)
    on conflict (workspace_id, document_id) do update
      set revision = excluded.revision, model = excluded.model, embedding = excluded.embedding`);
}

const embeddingLease = 'embeddings';

/** Whether this owner is the one server that embeds, until it was not heard of for half a minute. */
export async function claimEmbedding(db: Database, owner: string): Promise<boolean> {
  const query = sql`
    insert into follower_positions (database, sequence, updated_at) values (${embeddingLease}, ${owner}, now())
    on conflict (database) do update set sequence = excluded.sequence, updated_at = now()
      where follower_positions.sequence = excluded.sequence
        or follower_positions.updated_at < now() - interval '30 seconds'
    returning sequence`;
  return (await rows(db, query, z.object({ sequence: z.string() }))).length > 0;
}

export async function releaseEmbedding(db: Database, owner: string): Promise<void> {
  await db
    .delete(followerPositions)
    .where(and(eq(followerPositions.database, embeddingLease), eq(followerPositions.sequence, owner)));
}
