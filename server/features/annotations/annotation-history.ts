import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { annotationDocuments, readHistory } from '../context/index.ts';
import { annotationOf } from './store.ts';

/** An annotation and its earlier versions, newest first, in pages. Throws `not_found`. */
export const annotationHistory = (
  stores: Stores,
  actor: Actor,
  input: { id: string; limit: number; cursor?: string | undefined },
) =>
  readHistory(stores, actor, {
    ...input,
    database: annotationDocuments.database,
    kind: 'annotation',
    read: annotationOf(actor),
  });
