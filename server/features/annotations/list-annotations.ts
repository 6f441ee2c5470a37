import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Annotation, ListAnnotationsInput } from './contract.ts';
import { selectAnnotations } from './store.ts';
import { targetOf } from './target.ts';

/** The workspace's annotations, newest first, in pages. A number without a `targetType` is a topology's. */
export async function listAnnotations(
  stores: Stores,
  actor: Actor,
  { targetId, targetType, ...page }: ListAnnotationsInput,
): Promise<{ items: Annotation[]; nextCursor: string | null }> {
  if (targetId === undefined) return selectAnnotations(stores, actor, { type: targetType }, page);
  const isNumber = /^[1-9][0-9]*$/.test(String(targetId));
  const type = targetType ?? (isNumber ? 'topology' : undefined);
  const name = type ? targetOf(type, targetId).name : String(targetId);
  return selectAnnotations(stores, actor, { type, name }, page);
}
