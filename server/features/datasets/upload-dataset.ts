import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { type StoredObject, storeSmallObject } from '../objects/index.ts';
import type { Dataset, UploadDatasetInput, UploadedDataset } from './contract.ts';
import { findDatasetByName, insertDataset } from './store.ts';

/**
 * Stores small files in a dataset's folder, and makes the dataset where it is new. The same bytes again are answered as
 * they are, so that a call which failed in the middle may be repeated. Throws `conflict` where a file has other bytes.
 */
export async function uploadDataset(
  stores: Stores,
  actor: Actor,
  { name, files, metadata }: UploadDatasetInput,
): Promise<UploadedDataset> {
  const dataset = await ensureDataset(stores, actor, { name, metadata });
  const stored: StoredObject[] = [];
  for (const { name: file, data, type } of files) {
    const isText = typeof data === 'string';
    stored.push(
      await storeSmallObject(stores, actor, {
        kind: 'dataset_file',
        datasetName: name,
        name: file,
        bytes: Buffer.from(isText ? data : JSON.stringify(data)),
        contentType: type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json'),
      }),
    );
  }
  return { dataset, files: stored };
}

function ensureDataset(
  stores: Stores,
  actor: Actor,
  { name, metadata }: Pick<UploadDatasetInput, 'name' | 'metadata'>,
): Promise<Dataset> {
  return stores.db.transaction(async (tx) => {
    const made = await insertDataset(tx, { name, metadata, workspaceId: actor.workspaceId, createdBy: actor.userId });
    if (made) {
      await recordAudit(tx, actor, 'datasets.create', `dataset:${made.id}`);
      return made;
    }
    const there = await findDatasetByName(tx, actor, name);
    if (!there) throw new NexusError('conflict', `Dataset "${name}" was deleted at this moment; try again.`);
    return there;
  });
}
