import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Database } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { listFigures, readCurve } from '../metrics/index.ts';
import type { RunInput, TrainingRunDetails } from './contract.ts';
import { findRun } from './store.ts';

const maxSeries = 1000;
const maxLossValues = 10_000;

/** A run with what its series have come to. Throws `not_found`. */
export async function getRun(stores: Stores, actor: Actor, { id }: RunInput): Promise<TrainingRunDetails> {
  return detailsOf(stores.db, actor, id);
}

export async function detailsOf(db: Database, actor: Actor, id: number): Promise<TrainingRunDetails> {
  const run = await findRun(db, actor, id);
  if (!run) throw notFound('training run', id);
  const series = await listFigures(db, actor, id, { limit: maxSeries });
  const loss = series.find(({ key }) => key === 'loss');
  const whole = { runId: id, key: 'loss', from: 0, to: Number.MAX_SAFE_INTEGER, limit: maxLossValues };
  const isShort = loss !== undefined && loss.count <= maxLossValues;
  const curve = isShort ? await readCurve(db, actor, whole) : undefined;
  const none = loss ? null : [];
  return { ...run, series, lossValues: curve ? curve.points.map(({ value }) => value) : none };
}
