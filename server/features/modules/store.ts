import { and, desc, eq, lt } from 'drizzle-orm';
import { modelVersions, qloraModules, trainingRuns } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import { rowById } from '../row-by-id.ts';
import type { AttachAdapterInput, ListModulesInput, QloraModule, UpdateModuleInput } from './contract.ts';

const mine = (actor: Actor, id: number) =>
  and(eq(qloraModules.workspaceId, actor.workspaceId), eq(qloraModules.id, id));

export async function insertModule(tx: Transaction, values: typeof qloraModules.$inferInsert): Promise<QloraModule> {
  const [row] = await tx.insert(qloraModules).values(values).returning();
  if (!row) throw new Error('The insert of a module answered no row.');
  return row;
}

export const findModule = rowById((db, isAsked) =>
  db.select().from(qloraModules).where(isAsked(qloraModules)).prepare('module'),
);

export async function lockModule(tx: Transaction, actor: Actor, id: number): Promise<QloraModule | undefined> {
  const [row] = await tx.select().from(qloraModules).where(mine(actor, id)).for('update');
  return row;
}

export async function setAdapter(
  tx: Transaction,
  actor: Actor,
  { id, weightsObjectId, configObjectId }: AttachAdapterInput,
): Promise<QloraModule | undefined> {
  const [row] = await tx
    .update(qloraModules)
    .set({ weightsObjectId, configObjectId })
    .where(mine(actor, id))
    .returning();
  return row;
}

export async function updateModuleRow(
  tx: Transaction,
  actor: Actor,
  { id, ...changes }: UpdateModuleInput,
): Promise<QloraModule | undefined> {
  const [row] = await tx
    .update(qloraModules)
    .set({ ...changes, updatedAt: new Date() })
    .where(mine(actor, id))
    .returning();
  return row;
}

export function selectModules(db: Database, actor: Actor, input: ListModulesInput, before: number | undefined) {
  return db
    .select()
    .from(qloraModules)
    .where(
      and(
        eq(qloraModules.workspaceId, actor.workspaceId),
        input.topologyId === undefined ? undefined : eq(qloraModules.topologyId, input.topologyId),
        before === undefined ? undefined : lt(qloraModules.id, before),
      ),
    )
    .orderBy(desc(qloraModules.id))
    .limit(input.limit + 1);
}

export const deleteModuleRow = (tx: Transaction, actor: Actor, id: number) =>
  tx.delete(qloraModules).where(mine(actor, id)).returning({
    id: qloraModules.id,
    weightsObjectId: qloraModules.weightsObjectId,
    configObjectId: qloraModules.configObjectId,
  });

/** How many runs and model versions refer to a module. */
export async function countUses(
  tx: Transaction,
  actor: Actor,
  id: number,
): Promise<{ runs: number; versions: number }> {
  const runs = await tx.$count(
    trainingRuns,
    and(eq(trainingRuns.workspaceId, actor.workspaceId), eq(trainingRuns.moduleId, id)),
  );
  const versions = await tx.$count(
    modelVersions,
    and(eq(modelVersions.workspaceId, actor.workspaceId), eq(modelVersions.moduleId, id)),
  );
  return { runs, versions };
}
