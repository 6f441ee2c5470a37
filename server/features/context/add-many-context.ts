import { z } from 'zod';
import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { BulkResult, NewDocument } from '../../stores/documents.ts';
import type { Stores } from '../../stores/stores.ts';
import { asDocument, isSameContext, takenId } from './add-context.ts';
import {
  AddContextInput,
  type AddedContext,
  type AddManyContextInput,
  type AddManyContextResult,
  type ContextDocument,
} from './contract.ts';
import { findPlaces } from './document-ids.ts';
import { indexWritten } from './index-context.ts';
import { contextOf, findContexts, findTopologies, type Named, putContexts, storedContext } from './store.ts';
import { newDocumentId } from './stored-fields.ts';

const chunkDocuments = 1000;
const chunkBytes = 8 * 1024 * 1024;

type Given = AddContextInput & { id: string; topologyId: number | null };
type Item = { place: number; given: Given; stored: NewDocument; isChosen: boolean };

/**
 * Writes documents in bulk. Each has its own answer, in the order given: one that is bad, or whose topology is not there,
 * is refused alone. Not atomic; sent again with ids of the caller's own, what was written the first time is `exists`.
 * Throws `unavailable` only where nothing was written.
 */
export async function addManyContext(
  stores: Stores,
  actor: Actor,
  { documents }: AddManyContextInput,
): Promise<AddManyContextResult> {
  const results: AddedContext[] = [];
  const timestamp = new Date();
  const items = await sortOut(stores, actor, documents, timestamp, results);
  const written: Named[] = [];
  let isFirst = true;
  for (const chunk of chunksOf(items)) {
    try {
      written.push(...(await writeChunk(stores, actor, chunk, timestamp, results)));
    } catch (error) {
      if (isFirst || !(error instanceof NexusError)) throw error;
      // Earlier documents are written already, so the caller learns which to send again, and under which ids.
      for (const { place, given } of chunk) results[place] = refused(given.id, `${error.message} Send it again.`);
    }
    isFirst = false;
  }
  const homeless = await indexWritten(stores, actor, written);
  for (const { place, given, stored } of items) {
    if (homeless.has(stored._id)) results[place] = refused(given.id, topologyGone(given));
  }
  return { results };
}

const refused = (id: string | null, reason: string): AddedContext => ({ status: 'refused', id, reason });
const topologyGone = (given: Given) => notFound('topology', given.topologyId ?? '').message;

/** Checks each document by itself; the answer of what is not to be written goes into `results`. */
async function sortOut(
  stores: Stores,
  actor: Actor,
  documents: readonly unknown[],
  timestamp: Date,
  results: AddedContext[],
): Promise<Item[]> {
  const parsed = documents.map((document) => AddContextInput.safeParse(document));
  const topologyIds = new Set(parsed.flatMap(({ data }) => data?.topologyId ?? []));
  const there = await findTopologies(stores.db, actor, [...topologyIds]);
  const seen = new Map<string, Given>();
  return parsed.flatMap(({ data, error }, place) => {
    if (!data) {
      results[place] = refused(idIn(documents[place]), problemOf(error));
      return [];
    }
    const given: Given = { ...data, topologyId: data.topologyId ?? null, id: data.id ?? newDocumentId('ctx') };
    const earlier = seen.get(given.id);
    if (earlier) {
      results[place] = isSameContext({ ...earlier, rev: '', timestamp, createdBy: null }, given)
        ? { status: 'exists', id: given.id }
        : refused(given.id, takenId(given.id).message);
      return [];
    }
    if (given.topologyId !== null && !there.has(given.topologyId)) {
      results[place] = refused(given.id, topologyGone(given));
      return [];
    }
    seen.set(given.id, given);
    return [
      { place, given, stored: storedContext(actor, given.id, given, timestamp), isChosen: data.id !== undefined },
    ];
  });
}

const WithId = z.object({ id: z.string().max(100) });
const idIn = (document: unknown) => WithId.safeParse(document).data?.id ?? null;

function problemOf(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  return `${issue?.path.map(String).join('.') || 'document'}: ${issue?.message ?? 'is not valid'}.`;
}

function* chunksOf(items: readonly Item[]): Generator<Item[]> {
  let chunk: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item.stored));
    if (chunk.length === chunkDocuments || (chunk.length > 0 && bytes + size > chunkBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

async function writeChunk(
  stores: Stores,
  actor: Actor,
  chunk: readonly Item[],
  timestamp: Date,
  results: AddedContext[],
): Promise<Named[]> {
  const there = await placeEach(stores, actor, chunk);
  const isMissing = ({ given }: Item) => !there.has(given.id);
  const missing = chunk.filter(isMissing);
  const answers = new Map((await putEach(stores, missing)).map((answer, at) => [missing[at]?.given.id, answer]));
  const unwritten = missing.filter(({ given }) => !('rev' in (answers.get(given.id) ?? {})));
  const documentIds = unwritten.map(({ stored }) => stored._id);
  for (const document of await findContexts(stores, actor, documentIds)) if (document) there.set(document.id, document);
  return chunk.flatMap(({ place, given, stored: { _id: documentId } }) => {
    const { id } = given;
    const answer = answers.get(id);
    if (answer && 'rev' in answer) {
      results[place] = { status: 'added', id };
      return [{ documentId, document: asDocument(actor, given, answer.rev, timestamp) }];
    }
    const found = there.get(id);
    if (found && isSameContext(found, given)) results[place] = { status: 'exists', id };
    else if (found || answer?.error === 'conflict') results[place] = refused(id, takenId(id).message);
    else results[place] = refused(id, 'CouchDB did not take the document; send it again.');
    return [];
  });
}

/** Names those that are to be written; answers those that are there, by the ids that were given. */
async function placeEach(stores: Stores, actor: Actor, chunk: readonly Item[]): Promise<Map<string, ContextDocument>> {
  const chosen = chunk.filter(({ isChosen }) => isChosen);
  const places = await findPlaces(
    stores,
    actor,
    chosen.map(({ given }) => given.id),
  );
  const there = new Map<string, ContextDocument>();
  for (const [at, item] of chosen.entries()) {
    const place = places[at];
    if (place && 'documentId' in place) item.stored = { ...item.stored, _id: place.documentId };
    const document = place && 'there' in place ? contextOf(actor)(place.there) : undefined;
    if (document) there.set(item.given.id, document);
  }
  return there;
}

/** CouchDB refuses a whole bulk for one document that it cannot take: halve it until that one stands alone. */
async function putEach(stores: Stores, chunk: readonly Item[]): Promise<(BulkResult | undefined)[]> {
  if (chunk.length === 0) return [];
  try {
    return await putContexts(
      stores,
      chunk.map(({ stored }) => stored),
    );
  } catch (error) {
    if (!(error instanceof NexusError) || !['invalid_input', 'too_large'].includes(error.reason)) throw error;
    const [only] = chunk;
    if (only && chunk.length === 1) return [{ id: only.given.id, error: error.reason, reason: error.message }];
    const middle = Math.ceil(chunk.length / 2);
    return [...(await putEach(stores, chunk.slice(0, middle))), ...(await putEach(stores, chunk.slice(middle)))];
  }
}
