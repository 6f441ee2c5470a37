import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { experimentDocuments, readHistory } from '../context/index.ts';
import { experimentOf } from './store.ts';

/** An experiment and its earlier versions, newest first, in pages, without its metrics. Throws `not_found`. */
export const experimentHistory = (
  stores: Stores,
  actor: Actor,
  input: { id: string; limit: number; cursor?: string | undefined },
) =>
  readHistory(stores, actor, {
    ...input,
    database: experimentDocuments.database,
    kind: 'experiment',
    read: experimentOf(actor),
  });
