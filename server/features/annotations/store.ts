import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import {
  datasets,
  models,
  qloraModules,
  semanticChunks,
  topologies,
  trainingRuns,
} from '../../../drizzle/schema/index.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { NewDocument, StoredDocument } from '../../stores/documents.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import {
  annotationDocuments,
  experimentDocuments,
  findMeant,
  isOfWorkspace,
  readDocumentPage,
  StoredInstant,
  sessionDocuments,
  storedFields,
} from '../context/index.ts';
import { type Annotation, TargetType } from './contract.ts';
import type { NumberedTarget } from './target.ts';

const { database } = annotationDocuments;

const StoredAnnotation = z
  .object({
    ...storedFields,
    target_id: z.string(),
    target_type: TargetType,
    annotation: z.string(),
    tags: z.array(z.string()).nullish(),
    timestamp: StoredInstant,
  })
  .transform((stored) => ({
    id: stored._id,
    rev: stored._rev,
    targetId: stored.target_id,
    targetType: stored.target_type,
    annotation: stored.annotation,
    tags: stored.tags ?? [],
    timestamp: stored.timestamp,
    createdBy: stored.created_by ?? null,
  }));

export const annotationOf = (actor: Actor) => (stored: StoredDocument | undefined) =>
  stored && isOfWorkspace(actor, stored) ? StoredAnnotation.safeParse(stored).data : undefined;

export const putAnnotation = (stores: Stores, document: NewDocument) => stores.documents.put(database, document);

export const removeAnnotation = (stores: Stores, id: string) => stores.documents.remove(database, id);

/** Decides the removal of an annotation. Call `stores.wakeRelay()` after the commit. */
export const enqueueRemoval = (tx: Transaction, actor: Actor, id: string): Promise<number> =>
  enqueue(tx, {
    workspaceId: actor.workspaceId,
    createdBy: actor.userId,
    kind: 'documents.remove.v1',
    payload: { database, ids: [id] },
    entity: `documents:${database}/${id}`,
  });

export async function findAnnotation(stores: Stores, actor: Actor, id: string): Promise<Annotation | undefined> {
  return annotationOf(actor)(await stores.documents.find(database, id));
}

export const selectAnnotations = (
  stores: Stores,
  actor: Actor,
  target: { type?: TargetType | undefined; name?: string | undefined },
  page: { limit: number; cursor?: string | undefined },
) =>
  readDocumentPage(
    stores,
    actor,
    annotationDocuments,
    { narrowedBy: [target.type ?? 0, target.name ?? ''], ...page },
    annotationOf(actor),
  );

const tables = {
  topology: topologies,
  module: qloraModules,
  run: trainingRuns,
  dataset: datasets,
  model: models,
  chunk: semanticChunks,
} as const satisfies Record<NumberedTarget, unknown>;

/** Whether the workspace has this row. */
export async function hasTarget(db: Database, actor: Actor, target: { type: NumberedTarget; id: number }) {
  const table = tables[target.type];
  const found = await db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.workspaceId, actor.workspaceId), eq(table.id, target.id)));
  return found.length > 0;
}

const annotated = [experimentDocuments, sessionDocuments, annotationDocuments];

/** Whether the workspace has a document of this id, of whatever kind. */
export async function hasDocument(stores: Stores, actor: Actor, id: string): Promise<boolean> {
  const found = await Promise.all([
    findMeant(stores, actor, id),
    ...annotated.map((one) => stores.documents.find(one.database, id)),
  ]);
  return found.some((stored) => stored !== undefined && isOfWorkspace(actor, stored));
}
