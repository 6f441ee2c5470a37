import { z } from 'zod';
import type { Change, StoredDocument } from '../../stores/documents.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import { Id } from '../contract.ts';
import { contextDocuments, experimentDocuments, metricDocuments } from './document-databases.ts';
import { indexRowOf } from './index-context.ts';
import { deleteFromIndex, deleteUpTo, findIndexedAt, upsertIndex } from './index-store.ts';
import { readContext } from './store.ts';
import { storedFields, topologyName } from './stored-fields.ts';

/** The workspace and scope that a document belongs to, for the feed. */
export type Belonging = { workspaceId: number; scope: string };

/** A database whose changes PostgreSQL knows. */
export type Followed = Readonly<{
  database: string;
  /** Undefined for what nobody is told of. */
  belongsTo: (document: StoredDocument) => Belonging | undefined;
  /** Changes whose revision is projected already, by document id: they need not be read. */
  findKnown?: (db: Database, changes: readonly Change[]) => Promise<ReadonlyMap<string, Belonging>>;
  /** Whether subscriptions are told that a document went. */
  tellsDeletions: boolean;
  project?: (tx: Transaction, changes: readonly Change[], isForced: boolean) => Promise<void>;
}>;

const Belongs = z.object(storedFields);
const OfExperiment = z.object({ workspace_id: Id, experiment_id: z.string() });

const belongingOf = (workspaceId: number, topologyId: number | null): Belonging => ({
  workspaceId,
  scope: topologyId === null ? '' : topologyName(topologyId),
});

export const followed: readonly Followed[] = [
  {
    database: contextDocuments.database,
    belongsTo(document) {
      const { data } = Belongs.safeParse(document);
      return data && belongingOf(data.workspace_id, data.topology_id);
    },
    async findKnown(db, changes) {
      const known = await findIndexedAt(db, changes);
      return new Map([...known].map(([id, row]) => [id, belongingOf(row.workspaceId, row.topologyId)]));
    },
    tellsDeletions: true,
    project: indexContext,
  },
  {
    database: experimentDocuments.database,
    belongsTo(document) {
      const { data } = Belongs.safeParse(document);
      return data && { workspaceId: data.workspace_id, scope: data._id };
    },
    tellsDeletions: true,
  },
  {
    database: metricDocuments.database,
    belongsTo(document) {
      const { data } = OfExperiment.safeParse(document);
      return data && { workspaceId: data.workspace_id, scope: data.experiment_id };
    },
    tellsDeletions: false,
  },
];

async function indexContext(tx: Transaction, changes: readonly Change[], isForced: boolean): Promise<void> {
  const read = changes.map(({ id, rev, isDeleted, doc }) => ({
    id,
    rev,
    context: isDeleted || !doc ? undefined : readContext(doc),
  }));
  // Deleted documents, and those that are no longer context, leave the index.
  const gone = read.filter(({ context }) => !context);
  if (isForced) {
    const ids = gone.map(({ id }) => id);
    await deleteFromIndex(tx, ids);
  } else await deleteUpTo(tx, gone);
  await upsertIndex(
    tx,
    read.flatMap(({ context }) => (context ? indexRowOf(context.workspaceId, context) : [])),
    isForced,
  );
}
