import { and, desc, eq, exists, ilike, inArray, lt, max, sql } from 'drizzle-orm';
import { modelAliases, models, modelVersions, storedObjects } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { ListModelsInput, Model, ModelVersion } from './contract.ts';

/**
 * Gives out the next version number of a model, which it makes where it is missing. Holds the model's row until the
 * transaction ends, so that two uploads at once get two numbers.
 */
export async function reserveVersion(
  tx: Transaction,
  actor: Actor,
  { name, description }: { name: string; description?: string | undefined },
): Promise<{ modelId: number; version: number }> {
  const [row] = await tx
    .insert(models)
    .values({ workspaceId: actor.workspaceId, createdBy: actor.userId, name, description, latestVersion: 1 })
    .onConflictDoUpdate({
      target: [models.workspaceId, models.name],
      set: {
        latestVersion: sql`${models.latestVersion} + 1`,
        updatedAt: new Date(),
        ...(description !== undefined && { description }),
      },
    })
    .returning({ modelId: models.id, version: models.latestVersion });
  if (!row) throw new Error('The insert of a model answered no row.');
  return row;
}

export async function insertVersion(tx: Transaction, values: typeof modelVersions.$inferInsert): Promise<void> {
  await tx.insert(modelVersions).values(values);
}

/** The version made by a call with this `requestId`; undefined where there is none. */
export async function findVersionOf(db: Database, actor: Actor, requestId: string): Promise<ModelVersion | undefined> {
  const [row] = await db
    .select({ modelId: modelVersions.modelId, version: modelVersions.version })
    .from(modelVersions)
    .where(and(eq(modelVersions.workspaceId, actor.workspaceId), eq(modelVersions.requestId, requestId)));
  const [version] = row ? await selectVersions(db, actor, row.modelId, { version: row.version, limit: 1 }) : [];
  return version;
}

const versionFields = {
  modelId: modelVersions.modelId,
  name: models.name,
  version: modelVersions.version,
  path: storedObjects.key,
  bucket: storedObjects.bucket,
  objectId: modelVersions.objectId,
  sizeBytes: storedObjects.sizeBytes,
  sha256: storedObjects.sha256,
  partsSha256: storedObjects.partsSha256,
  contentType: storedObjects.contentType,
  metadata: modelVersions.metadata,
  topologyId: modelVersions.topologyId,
  moduleId: modelVersions.moduleId,
  runId: modelVersions.runId,
  createdAt: modelVersions.createdAt,
  updatedAt: modelVersions.updatedAt,
  createdBy: modelVersions.createdBy,
};

/** Versions of a model, newest first: one of them, or the latest `limit`. */
export async function selectVersions(
  db: Database,
  actor: Actor,
  modelId: number,
  { version, alias, limit }: { version?: number | undefined; alias?: string | undefined; limit: number },
): Promise<ModelVersion[]> {
  const found = await db
    .select(versionFields)
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .innerJoin(storedObjects, eq(storedObjects.id, modelVersions.objectId))
    .where(
      and(
        eq(modelVersions.workspaceId, actor.workspaceId),
        eq(modelVersions.modelId, modelId),
        version === undefined ? undefined : eq(modelVersions.version, version),
        alias === undefined
          ? undefined
          : inArray(
              modelVersions.version,
              db
                .select({ version: modelAliases.version })
                .from(modelAliases)
                .where(and(eq(modelAliases.modelId, modelId), eq(modelAliases.alias, alias))),
            ),
      ),
    )
    .orderBy(desc(modelVersions.version))
    .limit(limit);
  return found;
}

/** A model of which no version came to be, because its upload failed, is not shown. */
const selectModelRows = (db: Database) =>
  db
    .select({
      id: models.id,
      name: models.name,
      description: models.description,
      latestVersion: max(modelVersions.version),
      aliases: sql<
        { alias: string; version: number }[]
      >`(select coalesce(json_agg(json_build_object('alias', a.alias, 'version', a.version) order by a.alias), '[]') from model_aliases a where a.model_id = ${models.id})`,
      createdAt: models.createdAt,
      updatedAt: models.updatedAt,
      createdBy: models.createdBy,
    })
    .from(models)
    .innerJoin(modelVersions, eq(modelVersions.modelId, models.id));

export async function findModel(
  db: Database,
  actor: Actor,
  by: { id: number } | { name: string },
): Promise<Model | undefined> {
  const [row] = await selectModelRows(db)
    .where(and(eq(models.workspaceId, actor.workspaceId), 'id' in by ? eq(models.id, by.id) : eq(models.name, by.name)))
    .groupBy(models.id);
  return row && { ...row, latestVersion: row.latestVersion ?? 0 };
}

export async function selectModels(
  db: Database,
  actor: Actor,
  input: ListModelsInput,
  before: number | undefined,
): Promise<Model[]> {
  // The page is cut before the versions are joined, so that a long history is not grouped to be thrown away.
  const page = db
    .select({ id: models.id })
    .from(models)
    .where(
      and(
        eq(models.workspaceId, actor.workspaceId),
        input.name === undefined ? undefined : ilike(models.name, `%${input.name.replace(/[\\%_]/g, '\\$&')}%`),
        before === undefined ? undefined : lt(models.id, before),
        exists(db.select({ one: sql`1` }).from(modelVersions).where(eq(modelVersions.modelId, models.id))),
      ),
    )
    .orderBy(desc(models.id))
    .limit(input.limit + 1);
  const found = await selectModelRows(db)
    .where(and(eq(models.workspaceId, actor.workspaceId), inArray(models.id, page)))
    .groupBy(models.id)
    .orderBy(desc(models.id));
  return found.map((row) => ({ ...row, latestVersion: row.latestVersion ?? 0 }));
}

/** Locks a model against uploads, deletions and aliases of its versions. */
export async function lockModel(tx: Transaction, actor: Actor, id: number): Promise<boolean> {
  const [row] = await tx
    .select({ id: models.id })
    .from(models)
    .where(and(eq(models.workspaceId, actor.workspaceId), eq(models.id, id)))
    .for('update');
  return row !== undefined;
}

/** Deletes a model with its versions and aliases; answers the ids of their objects. */
export async function deleteModelRows(tx: Transaction, actor: Actor, id: number): Promise<string[]> {
  const deleted = await tx
    .delete(modelVersions)
    .where(and(eq(modelVersions.workspaceId, actor.workspaceId), eq(modelVersions.modelId, id)))
    .returning({ objectId: modelVersions.objectId });
  await tx.delete(models).where(and(eq(models.workspaceId, actor.workspaceId), eq(models.id, id)));
  return [...new Set(deleted.map((row) => row.objectId))];
}

/** The id of the version's object; undefined where there was no such version. */
export async function deleteVersionRow(
  tx: Transaction,
  actor: Actor,
  modelId: number,
  version: number,
): Promise<string | undefined> {
  const [row] = await tx
    .delete(modelVersions)
    .where(
      and(
        eq(modelVersions.workspaceId, actor.workspaceId),
        eq(modelVersions.modelId, modelId),
        eq(modelVersions.version, version),
      ),
    )
    .returning({ objectId: modelVersions.objectId });
  return row?.objectId;
}

export async function upsertAlias(
  tx: Transaction,
  actor: Actor,
  { modelId, alias, version }: { modelId: number; alias: string; version: number },
): Promise<void> {
  await tx
    .insert(modelAliases)
    .values({ workspaceId: actor.workspaceId, createdBy: actor.userId, modelId, alias, version })
    .onConflictDoUpdate({
      target: [modelAliases.modelId, modelAliases.alias],
      set: { version, updatedAt: new Date() },
    });
}

export async function deleteAlias(tx: Transaction, actor: Actor, modelId: number, alias: string): Promise<boolean> {
  const deleted = await tx
    .delete(modelAliases)
    .where(
      and(
        eq(modelAliases.workspaceId, actor.workspaceId),
        eq(modelAliases.modelId, modelId),
        eq(modelAliases.alias, alias),
      ),
    )
    .returning({ alias: modelAliases.alias });
  return deleted.length > 0;
}
