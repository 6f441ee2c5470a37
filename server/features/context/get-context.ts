import { notFound } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { ContextDocument } from './contract.ts';
import { findContext } from './store.ts';

/** A context document. Throws `not_found`. */
export async function getContext(stores: Stores, actor: Actor, { id }: { id: string }): Promise<ContextDocument> {
  const document = await findContext(stores, actor, id);
  if (!document) throw notFound('context document', id);
  return document;
}
