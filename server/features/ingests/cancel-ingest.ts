import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import type { DatasetIngest, IngestInput } from './contract.ts';
import { getIngest } from './get-ingest.ts';
import { markCanceled } from './store.ts';
import { ingestTopic } from './topics.ts';

/**
 * Ends an ingest that is running, on whatever server; one that is canceled already is answered as it is. What it has read
 * stays in the dataset. Throws `not_found`, and `conflict` for one that ended by itself.
 */
export async function cancelIngest(stores: Stores, actor: Actor, { id }: IngestInput): Promise<DatasetIngest> {
  const canceled = await stores.db.transaction(async (tx) => {
    const ingest = await markCanceled(tx, actor, id);
    if (ingest) await recordAudit(tx, actor, 'datasets.cancelIngest', `dataset:${ingest.datasetId}`, { ingest: id });
    return ingest;
  });
  if (canceled) {
    stores.signals.send(ingestTopic(id));
    return canceled;
  }
  const ended = await getIngest(stores, actor, { id });
  if (ended.status === 'canceled') return ended;
  throw new NexusError('conflict', `Ingest ${id} is ${ended.status}; only one that is running can be canceled.`);
}
