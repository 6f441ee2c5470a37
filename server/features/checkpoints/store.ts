import { and, desc, eq, lt } from 'drizzle-orm';
import { checkpoints, storedObjects, topologies } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { Checkpoint, ListCheckpointsInput } from './contract.ts';

const fields = {
  id: checkpoints.id,
  name: checkpoints.name,
  topologyId: checkpoints.topologyId,
  runId: checkpoints.runId,
  step: checkpoints.step,
  path: storedObjects.key,
  bucket: storedObjects.bucket,
  objectId: checkpoints.objectId,
  sizeBytes: storedObjects.sizeBytes,
  sha256: storedObjects.sha256,
  partsSha256: storedObjects.partsSha256,
  contentType: storedObjects.contentType,
  metadata: checkpoints.metadata,
  createdAt: checkpoints.createdAt,
  updatedAt: checkpoints.updatedAt,
  createdBy: checkpoints.createdBy,
};

const selectRows = (db: Database) =>
  db.select(fields).from(checkpoints).innerJoin(storedObjects, eq(storedObjects.id, checkpoints.objectId));

const ofTopology = (actor: Actor, topologyId: number) =>
  and(eq(checkpoints.workspaceId, actor.workspaceId), eq(checkpoints.topologyId, topologyId));

export async function insertCheckpoint(tx: Transaction, values: typeof checkpoints.$inferInsert): Promise<Checkpoint> {
  const [inserted] = await tx.insert(checkpoints).values(values).returning({ id: checkpoints.id });
  const [row] = inserted
    ? await selectRows(tx).where(and(eq(checkpoints.workspaceId, values.workspaceId), eq(checkpoints.id, inserted.id)))
    : [];
  if (!row) throw new Error('The insert of a checkpoint answered no row.');
  return row;
}

export async function findCheckpoint(db: Database, actor: Actor, id: number): Promise<Checkpoint | undefined> {
  const [row] = await selectRows(db).where(and(eq(checkpoints.workspaceId, actor.workspaceId), eq(checkpoints.id, id)));
  return row;
}

/** The id of its object; undefined where there was none. */
export async function deleteCheckpointRow(tx: Transaction, actor: Actor, id: number): Promise<string | undefined> {
  const [row] = await tx
    .delete(checkpoints)
    .where(and(eq(checkpoints.workspaceId, actor.workspaceId), eq(checkpoints.id, id)))
    .returning({ objectId: checkpoints.objectId });
  return row?.objectId;
}

export async function findCheckpointNamed(
  db: Database,
  actor: Actor,
  topologyId: number,
  name: string,
): Promise<Checkpoint | undefined> {
  const [row] = await selectRows(db).where(and(ofTopology(actor, topologyId), eq(checkpoints.name, name)));
  return row;
}

export async function selectCheckpoints(
  db: Database,
  actor: Actor,
  input: ListCheckpointsInput,
  before: number | undefined,
): Promise<Checkpoint[]> {
  const found = await selectRows(db)
    .where(and(ofTopology(actor, input.topologyId), before === undefined ? undefined : lt(checkpoints.id, before)))
    .orderBy(desc(checkpoints.id))
    .limit(input.limit + 1);
  return found;
}

/** Deletes a topology's checkpoints and answers the ids of their objects. */
export async function deleteCheckpointRows(tx: Transaction, actor: Actor, topologyId: number): Promise<string[]> {
  // A checkpoint that is added at this moment waits for this row, and then finds no topology.
  await tx
    .select({ id: topologies.id })
    .from(topologies)
    .where(and(eq(topologies.workspaceId, actor.workspaceId), eq(topologies.id, topologyId)))
    .for('update');
  const deleted = await tx
    .delete(checkpoints)
    .where(ofTopology(actor, topologyId))
    .returning({ objectId: checkpoints.objectId });
  return [...new Set(deleted.map((row) => row.objectId))];
}
