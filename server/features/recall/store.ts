import { and, desc, eq } from 'drizzle-orm';
import { datasetRecalls } from '../../../drizzle/schema/index.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database, Transaction } from '../../stores/postgres.ts';
import type { DatasetRecall } from './contract.ts';

const keptPerList = 100;
const columns = {
  id: datasetRecalls.id,
  datasetId: datasetRecalls.datasetId,
  k: datasetRecalls.k,
  efSearch: datasetRecalls.efSearch,
  recall: datasetRecalls.recall,
  sampleCount: datasetRecalls.sampleCount,
  chunkCount: datasetRecalls.chunkCount,
  medianMs: datasetRecalls.medianMs,
  p95Ms: datasetRecalls.p95Ms,
  exactMedianMs: datasetRecalls.exactMedianMs,
  createdAt: datasetRecalls.createdAt,
};

export function insertRecalls(
  tx: Transaction,
  { workspaceId, userId: createdBy }: Actor,
  measured: readonly Omit<DatasetRecall, 'id' | 'createdAt'>[],
): Promise<DatasetRecall[]> {
  return tx
    .insert(datasetRecalls)
    .values(measured.map((one) => ({ ...one, workspaceId, createdBy })))
    .returning(columns);
}

export function selectRecalls(db: Database, actor: Actor, datasetId: number): Promise<DatasetRecall[]> {
  return db
    .select(columns)
    .from(datasetRecalls)
    .where(and(eq(datasetRecalls.workspaceId, actor.workspaceId), eq(datasetRecalls.datasetId, datasetId)))
    .orderBy(desc(datasetRecalls.id))
    .limit(keptPerList);
}
