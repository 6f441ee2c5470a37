import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addAnnotation } from '../../server/features/annotations/add-annotation.ts';
import { annotationHistory } from '../../server/features/annotations/annotation-history.ts';
import {
  AddAnnotationInput,
  ListAnnotationsInput,
  UpdateAnnotationInput,
} from '../../server/features/annotations/contract.ts';
import { deleteAnnotation } from '../../server/features/annotations/delete-annotation.ts';
import { listAnnotations } from '../../server/features/annotations/list-annotations.ts';
import { updateAnnotation } from '../../server/features/annotations/update-annotation.ts';
import { addContext } from '../../server/features/context/add-context.ts';
import { addManyContext } from '../../server/features/context/add-many-context.ts';
import { contextHistory } from '../../server/features/context/context-history.ts';
import {
  AddContextInput,
  AddManyContextInput,
  DocumentHistoryInput,
  ListContextInput,
  LiveContextInput,
  SearchContextInput,
  UpdateContextInput,
} from '../../server/features/context/contract.ts';
import { deleteContext } from '../../server/features/context/delete-context.ts';
import { documentDatabases, followContext, forgetContextOf } from '../../server/features/context/index.ts';
import { listContext } from '../../server/features/context/list-context.ts';
import { liveContext } from '../../server/features/context/live-context.ts';
import { searchContext } from '../../server/features/context/search-context.ts';
import { updateContext } from '../../server/features/context/update-context.ts';
import { completeExperiment } from '../../server/features/experiments/complete-experiment.ts';
import {
  CompleteExperimentInput,
  CreateExperimentInput,
  ListExperimentsInput,
  LiveExperimentInput,
  LogExperimentMetricsInput,
  UpdateExperimentInput,
} from '../../server/features/experiments/contract.ts';
import { createExperiment } from '../../server/features/experiments/create-experiment.ts';
import { experimentHistory } from '../../server/features/experiments/experiment-history.ts';
import { getExperiment } from '../../server/features/experiments/get-experiment.ts';
import { listExperiments } from '../../server/features/experiments/list-experiments.ts';
import { liveExperiment } from '../../server/features/experiments/live-experiment.ts';
import { logMetrics } from '../../server/features/experiments/log-metrics.ts';
import { updateExperiment } from '../../server/features/experiments/update-experiment.ts';
import {
  CreateSessionInput,
  EndSessionInput,
  ListSessionsInput,
  LogSessionInput,
  SessionEventsInput,
} from '../../server/features/sessions/contract.ts';
import { createSession } from '../../server/features/sessions/create-session.ts';
import { endSession } from '../../server/features/sessions/end-session.ts';
import { getSession } from '../../server/features/sessions/get-session.ts';
import { listEvents } from '../../server/features/sessions/list-events.ts';
import { listSessions } from '../../server/features/sessions/list-sessions.ts';
import { logEvents } from '../../server/features/sessions/log-events.ts';
import { startRelay } from '../../server/outbox/relay.ts';
import { openDocuments } from '../../server/stores/documents.ts';
import { aTopology, openDocumentDomain } from '../support/document-domain.ts';
import { type Asked, proxyOf } from '../support/document-proxy.ts';

/** How CouchDB may be asked: a document, documents by their ids, a bounded range of ids or of a view, and what changed. */
function wayOf({ method, path }: Asked): string {
  const url = new URL(path, 'http://couchdb');
  const [, whole = '', service = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const database = whole.replace(/^nexus-[0-9a-f-]{36}-/, '');
  if (!Object.hasOwn(documentDatabases, database)) return `an unknown database: ${method} ${path}`;
  const isBounded = ['startkey', 'endkey', 'limit'].every((name) => url.searchParams.has(name));
  if (!service.startsWith('_')) return 'document';
  if (service === '_all_docs') return method === 'POST' ? 'ids' : isBounded ? 'range of ids' : `unbounded: ${path}`;
  if (service === '_bulk_docs') return 'bulk';
  if (service === '_changes') return 'changes';
  const [design = '', view, name = ''] = rest;
  const isKnown = documentDatabases[database]?.[design]?.[name] !== undefined;
  if (service === '_design' && view === '_view' && isKnown && isBounded && method === 'GET') return 'range of a view';
  return `not by an index: ${method} ${path}`;
}

async function firstOf(news: AsyncGenerator<unknown>): Promise<void> {
  for await (const _ of news) return;
}

test('whatever the features ask of CouchDB is found by its id or in a bounded range of an index', async () => {
  await using domain = await openDocumentDomain();
  await using proxy = await proxyOf(domain.address);
  const { actor } = domain;
  const proxied = { ...domain.stores, documents: openDocuments(proxy.address, domain.place) };
  await using relay = startRelay(proxied);
  const stores = { ...proxied, wakeRelay: relay.wake };
  await using follower = followContext(stores);
  const topologyId = await aTopology(stores, actor);

  const note = AddContextInput.parse({ type: 'note', data: { $gt: null }, topologyId });
  const { id } = await addContext(stores, actor, note);
  await addManyContext(stores, actor, AddManyContextInput.parse({ documents: [note, note] }));
  for (const given of [{}, { topologyId }, { type: 'note' }, { topologyId, type: '{"$regex":".*"}' }]) {
    await listContext(stores, actor, ListContextInput.parse(given));
  }
  await searchContext(stores, actor, SearchContextInput.parse({ text: 'gt' }));
  await updateContext(stores, actor, UpdateContextInput.parse({ id, data: 'x' }));
  await contextHistory(stores, actor, DocumentHistoryInput.parse({ id }));
  await firstOf(liveContext(stores, actor, LiveContextInput.parse({ topologyId, lastEventId: '0' })));
  await addAnnotation(
    stores,
    actor,
    AddAnnotationInput.parse({ targetId: id, targetType: 'document', annotation: 'x' }),
  );
  await deleteContext(stores, actor, { id });

  const remark = { targetId: topologyId, targetType: 'topology', annotation: 'x' } as const;
  const annotation = await addAnnotation(stores, actor, AddAnnotationInput.parse(remark));
  for (const given of [{}, { targetType: 'topology' as const }, { targetId: 'x' }, { targetId: topologyId }]) {
    await listAnnotations(stores, actor, ListAnnotationsInput.parse(given));
  }
  await updateAnnotation(stores, actor, UpdateAnnotationInput.parse({ id: annotation.id, annotation: 'y' }));
  await annotationHistory(stores, actor, DocumentHistoryInput.parse({ id: annotation.id }));
  await deleteAnnotation(stores, actor, { id: annotation.id });
  const session = await createSession(stores, actor, CreateSessionInput.parse({ sessionType: 'x' }));
  await logEvents(stores, actor, LogSessionInput.parse({ id: session.id, events: { type: 'x' } }));
  await listEvents(stores, actor, SessionEventsInput.parse({ id: session.id }));
  for (const given of [{}, { isActive: true }, { userId: actor.userId }]) {
    await listSessions(stores, actor, ListSessionsInput.parse(given));
  }
  await getSession(stores, actor, { id: session.id });
  await endSession(stores, actor, EndSessionInput.parse({ id: session.id }));
  const experiment = await createExperiment(stores, actor, CreateExperimentInput.parse({ name: 'x', topologyId }));
  await logMetrics(stores, actor, LogExperimentMetricsInput.parse({ id: experiment.id, metrics: { epoch: 1 } }));
  await getExperiment(stores, actor, { id: experiment.id });
  await firstOf(liveExperiment(stores, actor, LiveExperimentInput.parse({ id: experiment.id })));
  await updateExperiment(stores, actor, UpdateExperimentInput.parse({ id: experiment.id, name: 'y' }));
  await completeExperiment(stores, actor, CompleteExperimentInput.parse({ id: experiment.id, results: {} }));
  await experimentHistory(stores, actor, DocumentHistoryInput.parse({ id: experiment.id }));
  for (const given of [{}, { topologyId }, { status: 'running' as const }]) {
    await listExperiments(stores, actor, ListExperimentsInput.parse(given));
  }
  await follower.caughtUp();
  await stores.db.transaction((tx) => forgetContextOf(tx, actor, topologyId));
  await relay.drain();

  const ways = ['document', 'ids', 'range of ids', 'bulk', 'changes', 'range of a view'];
  expect(new Set(proxy.asked.map(wayOf))).toEqual(new Set(ways));
});

test('no Mango query, index or selector is in the code', () => {
  const server = fileURLToPath(new URL('../../server', import.meta.url));
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(100);
  const mango = /(?<![a-z])_(?:find|index)\b['"`/]|_explain|createIndex|selector\s*:|\.mango/;
  expect(files.filter((file) => mango.test(readFileSync(`${server}/${file}`, 'utf8')))).toEqual([]);
});
