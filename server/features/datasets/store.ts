import { and, desc, eq, ilike, lt, sql } from 'drizzle-orm';
import { datasetIngests, datasets, runDatasets, storedObjects } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import { rowById } from '../row-by-id.ts';
import type { Dataset, ListDatasetsInput } from './contract.ts';

const mine = (actor: Actor, id: number) => and(eq(datasets.workspaceId, actor.workspaceId), eq(datasets.id, id));

/** The newest version of a dataset, as ingests made them, and whether it has this one. */
export async function findVersion(db: Database, actor: Actor, datasetId: number, version: number) {
  const [row] = await db
    .select({
      newest: sql<number | null>`max(${datasetIngests.version})::int`,
      isThere: sql<boolean>`coalesce(bool_or(${datasetIngests.version} = ${version}), false)`,
    })
    .from(datasetIngests)
    .where(and(eq(datasetIngests.workspaceId, actor.workspaceId), eq(datasetIngests.datasetId, datasetId)));
  return { newest: row?.newest ?? 0, isThere: row?.isThere ?? false };
}

/** The new row, or undefined where the workspace has a dataset of this name. */
export async function insertDataset(
  tx: Transaction,
  values: typeof datasets.$inferInsert,
): Promise<Dataset | undefined> {
  const [row] = await tx
    .insert(datasets)
    .values(values)
    .onConflictDoNothing({ target: [datasets.workspaceId, datasets.name] })
    .returning();
  return row;
}

export const findDataset = rowById((db, isAsked) =>
  db.select().from(datasets).where(isAsked(datasets)).prepare('dataset'),
);

export async function findDatasetByName(db: Database, actor: Actor, name: string): Promise<Dataset | undefined> {
  const [row] = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.workspaceId, actor.workspaceId), eq(datasets.name, name)));
  return row;
}

export function selectDatasets(
  db: Database,
  actor: Actor,
  { name, limit }: ListDatasetsInput,
  before: number | undefined,
): Promise<Dataset[]> {
  return db
    .select()
    .from(datasets)
    .where(
      and(
        eq(datasets.workspaceId, actor.workspaceId),
        name === undefined ? undefined : ilike(datasets.name, `%${name.replace(/[\\%_]/g, '\\$&')}%`),
        before === undefined ? undefined : lt(datasets.id, before),
      ),
    )
    .orderBy(desc(datasets.id))
    .limit(limit + 1);
}

/** Locks the dataset's row, so that nothing is added to it before the transaction ends. */
export async function lockDataset(tx: Transaction, actor: Actor, id: number): Promise<Dataset | undefined> {
  const [row] = await tx.select().from(datasets).where(mine(actor, id)).for('update');
  return row;
}

/** Removes the row and, by its foreign keys, its chunks. */
export async function deleteDatasetRow(tx: Transaction, actor: Actor, id: number): Promise<void> {
  await tx.delete(datasets).where(mine(actor, id));
}

/** A run that used the dataset, if there is one. */
export async function findRunOf(tx: Transaction, actor: Actor, datasetId: number): Promise<number | undefined> {
  const [run] = await tx
    .select({ id: runDatasets.runId })
    .from(runDatasets)
    .where(and(eq(runDatasets.workspaceId, actor.workspaceId), eq(runDatasets.datasetId, datasetId)))
    .limit(1);
  return run?.id;
}

/** Ids of the files below the dataset's folder, uploads that are under way included. */
export async function selectFileIds(tx: Transaction, actor: Actor, name: string): Promise<string[]> {
  const folder = `datasets/${name}/`;
  const files = await tx
    .select({ id: storedObjects.id })
    .from(storedObjects)
    .where(
      and(
        eq(storedObjects.workspaceId, actor.workspaceId),
        eq(storedObjects.kind, 'dataset_file'),
        sql`starts_with(${storedObjects.key}, ${folder})`,
      ),
    );
  return files.map(({ id }) => id);
}
