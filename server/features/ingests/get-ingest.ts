import { z } from 'zod';
import { NexusError, notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { decodeCursor, decodeIdCursor, toPage } from '../cursor.ts';
import { requireDataset } from '../datasets/index.ts';
import type {
  DatasetIngest,
  IngestInput,
  IngestRefusal,
  ListIngestsInput,
  ListRefusalsInput,
  VersionHashesInput,
} from './contract.ts';
import { findIngest, findVersion, selectHashes, selectIngests, selectRefusals } from './store.ts';

/** An ingest as it is now. Throws `not_found`. */
export async function getIngest(stores: Stores, actor: Actor, { id }: IngestInput): Promise<DatasetIngest> {
  const ingest = await findIngest(stores.db, actor, id);
  if (!ingest) throw notFound('ingest', id);
  return ingest;
}

/** The ingests of a dataset, newest first, in pages. Throws `not_found`. */
export async function listIngests(
  stores: Stores,
  actor: Actor,
  input: ListIngestsInput,
): Promise<{ items: DatasetIngest[]; nextCursor: string | null }> {
  await requireDataset(stores.db, actor, input.datasetId);
  const found = await selectIngests(stores.db, actor, input, decodeIdCursor(input.cursor));
  return toPage(found, input.limit, (ingest) => [ingest.id]);
}

/** The lines of an ingest that were refused, in their order, in pages. Throws `not_found`. */
export async function listRefusals(
  stores: Stores,
  actor: Actor,
  input: ListRefusalsInput,
): Promise<{ items: IngestRefusal[]; nextCursor: string | null }> {
  await getIngest(stores, actor, input);
  const found = await selectRefusals(stores.db, input, decodeIdCursor(input.cursor) ?? 0);
  return toPage(found, input.limit, ({ line }) => [line]);
}

const HashPlace = z.tuple([z.string().regex(/^[0-9a-f]{64}$/)]);

/** SHA-256s of the texts that were in a version of a dataset, in their order, in pages. Throws `not_found`. */
export async function listVersionHashes(
  stores: Stores,
  actor: Actor,
  { datasetId, version, limit, cursor }: VersionHashesInput,
): Promise<{ items: string[]; nextCursor: string | null }> {
  await requireDataset(stores.db, actor, datasetId);
  const ingestId = await findVersion(stores.db, actor, datasetId, version);
  if (ingestId === undefined) {
    throw new NexusError('not_found', `Dataset ${datasetId} has no version ${version}; list its ingests.`, {
      details: { kind: 'version', id: version },
    });
  }
  const found = await selectHashes(stores.db, ingestId, limit + 1, decodeCursor(cursor, HashPlace)?.[0]);
  return toPage(found, limit, (hash) => [hash]);
}
