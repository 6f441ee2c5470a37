import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { AnyJson } from '../contract.ts';
import { maxSmallBytes, presignReady, readSmallObject, requireReadyRow } from '../objects/index.ts';
import type { DownloadedModel, DownloadModelInput, ModelVersion } from './contract.ts';
import { findModel, selectVersions } from './store.ts';

/**
 * A version of a model, the one of an alias, or the latest where neither is named, with a presigned URL of its bytes and, for JSON of at most 16 MiB,
 * the document itself. Throws `not_found`.
 */
export async function downloadModel(
  stores: Stores,
  actor: Actor,
  { name, id, version, alias, expirySeconds, fileName }: DownloadModelInput,
): Promise<DownloadedModel> {
  const model = await findModel(stores.db, actor, id === undefined ? { name: name ?? '' } : { id });
  if (!model) throw notFound('model', id ?? name ?? '');
  const [found] = await selectVersions(stores.db, actor, model.id, { version, alias, limit: 1 });
  if (!found) throw notFound('model version', `${model.name} ${alias ?? `v${version}`}`);
  const row = await requireReadyRow(stores.db, actor, found.objectId);
  const presigned = await presignReady(stores, actor, row, { expirySeconds, fileName });
  return { ...found, modelData: await readDocument(stores, actor, found, row), ...presigned };
}

async function readDocument(
  stores: Stores,
  actor: Actor,
  version: ModelVersion,
  row: Awaited<ReturnType<typeof requireReadyRow>>,
): Promise<DownloadedModel['modelData']> {
  if (!version.contentType.startsWith('application/json') || version.sizeBytes > maxSmallBytes) return null;
  const text = (await readSmallObject(stores, actor, row)).toString('utf8');
  try {
    return AnyJson.parse(JSON.parse(text));
  } catch {
    // The caller's own bytes, which only claim to be JSON, or are nested beyond what can be answered; the URL has them.
    return null;
  }
}
