import { invalidInput } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { requireDataset } from '../datasets/index.ts';
import { requireReadyObject } from '../objects/index.ts';
import type { DatasetIngest, IngestDatasetInput } from './contract.ts';
import { insertIngest } from './store.ts';
import { ingestsTopic, thisServer } from './topics.ts';

/**
 * Begins to read an uploaded JSONL file (gzip or not) into a dataset and answers at once; a server does it in the background,
 * and another one goes on where it died. Throws `not_found`, `precondition_failed` for a pending object, `invalid_input` for
 * one that is no dataset's file.
 */
export async function ingestDataset(
  stores: Stores,
  actor: Actor,
  { datasetId, objectId }: IngestDatasetInput,
): Promise<DatasetIngest> {
  const ingest = await stores.db.transaction(async (tx) => {
    await requireDataset(tx, actor, datasetId);
    const object = await requireReadyObject(tx, actor, objectId);
    if (object.kind !== 'dataset_file') {
      throw invalidInput(
        'objectId',
        `Object ${objectId} is a ${object.kind}; an ingest reads an object of kind "dataset_file".`,
      );
    }
    const made = await insertIngest(tx, actor, datasetId, object, thisServer);
    await recordAudit(tx, actor, 'datasets.ingest', `dataset:${datasetId}`, { ingest: made.id, object: objectId });
    return made;
  });
  stores.signals.send(ingestsTopic);
  return ingest;
}
