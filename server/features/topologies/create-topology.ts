import { awaitEffects } from '../../outbox/await-effects.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { decideContext } from '../context/index.ts';
import { authorOf } from '../users/index.ts';
import type { CreatedTopology, CreateTopologyInput } from './contract.ts';
import { insertModules, insertTopology } from './store.ts';

const effectsBoundMs = 5_000;

/**
 * Creates a topology with its modules and its first context, all or nothing: the rows in one transaction, and with them the
 * decision to write the documents, which reach CouchDB right after the commit, or when it is back.
 * With `awaitEffects` the answer waits for them, 5 s at most. Throws `forbidden` where `createdBy` names another user and
 * the actor is no admin, `not_found` where it names nobody of the workspace, and `conflict` where a document's id is taken.
 */
export async function createTopology(
  stores: Stores,
  actor: Actor,
  { createdBy, modules, context, awaitEffects: isAwaited, ...values }: CreateTopologyInput,
): Promise<CreatedTopology> {
  const { decided, ...created } = await stores.db.transaction(async (tx) => {
    const author = await authorOf(tx, actor, createdBy);
    const owned = { workspaceId: actor.workspaceId, createdBy: author };
    const topology = await insertTopology(tx, { ...values, ...owned });
    if (!topology) throw new Error('The insert of a topology answered no row.');
    const made = await insertModules(
      tx,
      modules.map((module) => ({ ...module, ...owned, topologyId: topology.id })),
    );
    const decided = await decideContext(tx, actor, topology.id, context);
    await recordAudit(tx, actor, 'topologies.create', `topology:${topology.id}`);
    for (const { id } of made) await recordAudit(tx, actor, 'modules.create', `module:${id}`);
    return { ...topology, modules: made, contextIds: decided.map(({ documentId }) => documentId), decided };
  });
  if (decided.length === 0) return { ...created, effects: 'done' };
  stores.wakeRelay();
  const effectIds = decided.map(({ effectId }) => effectId);
  const isDone = isAwaited && (await awaitEffects(stores, effectIds, effectsBoundMs));
  return { ...created, effects: isDone ? 'done' : 'pending' };
}
