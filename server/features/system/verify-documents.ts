import { z } from 'zod';
import { enqueue } from '../../outbox/enqueue.ts';
import type { StoredDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import {
  contextDocuments,
  documentDatabases,
  eventDocuments,
  experimentDocuments,
  isFollowed,
  metricDocuments,
  readContext,
  sessionDocuments,
  storedFields,
} from '../context/index.ts';
import type { Finding } from './contract.ts';
import { isUnderWay, selectIndexed, selectIndexRows, selectTopologyIds, selectWorkspaces } from './store.ts';
import type { Suspect, Suspicion } from './verify-objects.ts';

const page = 500;
const Facts = z.object({
  _id: z.string(),
  workspace_id: storedFields.workspace_id,
  topology_id: storedFields.topology_id,
});

export type DocumentCounts = { documents: number; indexRows: number };

/** Walks every database and the index of the context, a page at a time, both ways. */
export async function verifyDocuments(stores: Stores, suspect: Suspicion): Promise<DocumentCounts> {
  const counts: DocumentCounts = { documents: 0, indexRows: 0 };
  for (const database of Object.keys(documentDatabases)) {
    await walkDatabase(stores, database, counts, suspect);
  }
  await walkIndex(stores, counts, suspect);
  return counts;
}

async function walkDatabase(
  stores: Stores,
  database: string,
  counts: DocumentCounts,
  suspect: Suspicion,
): Promise<void> {
  for (let startKey = ''; ; ) {
    // CouchDB orders ids by their bytes; U+FFFF is after all that an id may hold.
    const found = await stores.documents.range(database, { startKey, endKey: '\uffff', limit: page });
    const documents = found.filter(({ _id }) => !_id.startsWith('_'));
    counts.documents += documents.length;
    const problems = await problemsOf(stores, database, documents);
    for (const finding of problems) suspect(againOf(stores, finding));
    const last = found.at(-1);
    if (!last || found.length < page) return;
    startKey = `${last._id}\u0000`;
  }
}

async function problemsOf(stores: Stores, database: string, documents: readonly StoredDocument[]): Promise<Finding[]> {
  const read = documents.map((document) => ({ document, facts: Facts.safeParse(document).data }));
  const topologyIds = read.flatMap(({ facts }) => facts?.topology_id ?? []);
  const whole = wholeOf(database);
  const parents = whole ? [...new Set(documents.filter(whole.isPart).map(({ _id }) => parentOf({ _id })))] : [];
  const [workspaces, there, indexed, wholes] = await Promise.all([
    selectWorkspaces(stores.db),
    selectTopologyIds(stores.db, [...new Set(topologyIds)]),
    database === contextDocuments.database
      ? selectIndexed(
          stores.db,
          documents.map(({ _id }) => _id),
        )
      : new Set<string>(),
    whole ? stores.documents.findMany(whole.database, parents) : [],
  ]);
  const known = new Set(workspaces.map(({ id }) => id));
  const parentsThere = new Set(wholes.flatMap((one) => one?._id ?? []));
  return read.flatMap(({ document, facts }): Finding[] => {
    const common = { place: database, key: document._id };
    const left = (detail: string, workspaceId: number | null): Finding[] => [
      {
        ...common,
        problem: 'document_left_behind',
        workspaceId,
        detail,
        repair: workspaceId === null ? null : 'Remove the document.',
      },
    ];
    if (!facts || !known.has(facts.workspace_id)) return left('Its workspace is not there.', null);
    const { workspace_id: workspaceId, topology_id: topologyId } = facts;
    if (topologyId !== null && !there.has(`${workspaceId}/${topologyId}`)) {
      return left(`Its topology ${topologyId} is not there.`, workspaceId);
    }
    if (whole?.isPart(document) && !parentsThere.has(parentOf(document))) {
      return left(`Its ${whole.noun} "${parentOf(document)}" is not there.`, workspaceId);
    }
    if (
      database === contextDocuments.database &&
      readContext(document) &&
      !indexed.has(`${workspaceId}/${document._id}`)
    ) {
      const detail = 'No search finds it.';
      return [{ ...common, problem: 'document_not_indexed', workspaceId, detail, repair: 'Put it into the index.' }];
    }
    return [];
  });
}

type Whole = { database: string; noun: string; isPart: (document: { _id: string }) => boolean };

/**
 * The document that the parts in a database belong to. The history of a document outlives it, so only its topology must
 * exist.
 */
function wholeOf(database: string): Whole | undefined {
  if (database === metricDocuments.database) {
    return { database: experimentDocuments.database, noun: 'experiment', isPart: () => true };
  }
  if (database !== eventDocuments.database) return undefined;
  return { database: sessionDocuments.database, noun: 'session', isPart: ({ _id }) => _id.includes(':e:') };
}

const parentOf = ({ _id }: { _id: string }) => _id.slice(0, _id.indexOf(':'));

async function walkIndex(stores: Stores, counts: DocumentCounts, suspect: Suspicion): Promise<void> {
  for (let after: readonly [number, string] = [0, '']; ; ) {
    const rows = await selectIndexRows(stores.db, after, page);
    const last = rows.at(-1);
    if (!last) return;
    counts.indexRows += rows.length;
    const found = await stores.documents.findMany(
      contextDocuments.database,
      rows.map(({ documentId }) => documentId),
    );
    rows.forEach(({ workspaceId, documentId }, place) => {
      if (found[place]) return;
      const finding: Finding = {
        problem: 'document_missing',
        place: contextDocuments.database,
        key: documentId,
        workspaceId,
        detail: 'It is in the index, but not in CouchDB.',
        repair: 'Take it out of the index.',
      };
      suspect(againOf(stores, finding));
    });
    after = [last.workspaceId, last.documentId];
  }
}

const againOf = (stores: Stores, finding: Finding): Suspect => ({
  finding,
  isStillSo: () => isDocumentWrong(stores, finding),
});

/** Whether a finding about a document is still so, with nothing on its way that would mend it. */
export async function isDocumentWrong(stores: Stores, { problem, place, key, workspaceId }: Finding): Promise<boolean> {
  const document = await stores.documents.find(place, key);
  const topologyId = document && Facts.safeParse(document).data?.topology_id;
  const entities = [`documents:${place}/${key}`, `documents:${place}/topology-${topologyId ?? 0}`];
  if (place === metricDocuments.database && topologyId) {
    entities.push(`documents:${experimentDocuments.database}/topology-${topologyId}`);
  }
  if (await isUnderWay(stores.db, entities, key)) return false;
  if (problem === 'document_missing') {
    return document === undefined && (await selectIndexed(stores.db, [key])).has(`${workspaceId}/${key}`);
  }
  if (!document) return false;
  if (problem === 'document_not_indexed' && !(await isFollowed(stores))) return false;
  return (await problemsOf(stores, place, [document])).some((one) => one.problem === problem);
}

/** Removes a document whose topology or experiment is gone. */
export async function removeLeftBehind(stores: Stores, { place, key, workspaceId }: Finding): Promise<void> {
  if (workspaceId === null) return;
  await stores.db.transaction((tx) =>
    enqueue(tx, {
      workspaceId,
      createdBy: null,
      kind: 'documents.remove.v1',
      payload: { database: place, ids: [key] },
      entity: `documents:${place}/${key}`,
    }),
  );
  stores.wakeRelay();
}
