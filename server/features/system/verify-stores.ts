import { setTimeout as wait } from 'node:timers/promises';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { requireAdmin } from './admin.ts';
import type { Finding, VerifyReport } from './contract.ts';
import { countOutbox, selectParked } from './store.ts';
import { verifyDocuments } from './verify-documents.ts';
import { verifyFigures } from './verify-figures.ts';
import { type Suspect, verifyObjects } from './verify-objects.ts';

/** Most findings that are kept; all are counted. */
const maxKept = 1_000;
/** Pauses before what looked wrong is looked at again: a change that was under way has come to its end by then. */
const pausesMs = [0, 500, 1_000, 2_000, 4_000];

/**
 * Walks PostgreSQL, the object store and CouchDB both ways, a page at a time, and reports in what they disagree, with the
 * kept figures that are not what their rows say. It may run
 * while the server works: what looks wrong is looked at again until it has stayed so for some seconds, and what the outbox
 * is still to do counts as done. Needs memory for a page and for at most 1,000 findings.
 */
export async function verifyStores(stores: Stores): Promise<VerifyReport> {
  const startedAt = performance.now();
  let suspects: Suspect[] = [];
  let unkept = 0;
  const suspect = (one: Suspect) => {
    if (suspects.length < maxKept) suspects.push(one);
    else unkept += 1;
  };
  const objects = await verifyObjects(stores, suspect);
  const documents = await verifyDocuments(stores, suspect);
  await verifyFigures(stores, suspect);
  for (const pauseMs of pausesMs) {
    if (suspects.length === 0) break;
    await wait(pauseMs);
    const still: Suspect[] = [];
    for (const one of suspects) if (await one.isStillSo()) still.push(one);
    suspects = still;
  }
  const parked = (await selectParked(stores.db, maxKept)).map(
    ({ id, kind, entity, workspaceId, lastError }): Finding => ({
      problem: 'effect_parked',
      place: 'outbox',
      key: String(id),
      workspaceId,
      detail: `${kind} of ${entity} failed for good: ${lastError ?? 'unknown'}`,
      repair: null,
    }),
  );
  const { waiting } = await countOutbox(stores.db);
  const findings = [...suspects.map(({ finding }) => finding), ...parked].slice(0, maxKept);
  // Findings beyond the bound were not checked again; they count only where some of the kept ones stayed.
  const findingCount = suspects.length + parked.length + (suspects.length > 0 ? unkept : 0);
  return {
    agrees: findingCount === 0 && unkept === 0,
    counts: { ...objects, ...documents, effectsWaiting: waiting },
    findings,
    findingCount,
    seconds: Math.round(performance.now() - startedAt) / 1000,
  };
}

/** The same for an admin of the installation. */
export function verifyFor(stores: Stores, actor: Actor): Promise<VerifyReport> {
  requireAdmin(actor);
  return verifyStores(stores);
}
