import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { reindexContext } from '../context/index.ts';
import { requireAdmin } from './admin.ts';
import type { Finding, RepairInput, RepairResult } from './contract.ts';
import { isDocumentWrong, removeLeftBehind } from './verify-documents.ts';
import { refreshFigures } from './verify-figures.ts';
import { ownerOf, removeUnowned } from './verify-objects.ts';
import { abortUnowned } from './verify-uploads.ts';

/** Mends what `verify` found and can be mended without a loss; each is looked at again first. Idempotent. */
export async function repairStores(stores: Stores, { findings }: Pick<RepairInput, 'findings'>): Promise<RepairResult> {
  let repaired = 0;
  for (const finding of findings) if (await repair(stores, finding)) repaired += 1;
  return { repaired, left: findings.length - repaired };
}

async function repair(stores: Stores, finding: Finding): Promise<boolean> {
  switch (finding.problem) {
    case 'object_without_row':
      return removeUnowned(stores, finding.place, finding.key);
    case 'upload_without_row':
      return abortUnowned(stores, await ownerOf(stores, finding.key), finding.place, finding.key);
    case 'document_missing':
    case 'document_not_indexed':
      if (!(await isDocumentWrong(stores, finding))) return false;
      await reindexContext(stores, [finding.key]);
      return true;
    case 'document_left_behind':
      if (finding.workspaceId === null || !(await isDocumentWrong(stores, finding))) return false;
      await removeLeftBehind(stores, finding);
      return true;
    case 'figures_wrong':
      return refreshFigures(stores.db, Number(finding.key));
    // Bytes that are gone or wrong, and effects that failed for good, need a person.
    case 'object_missing':
    case 'object_wrong_size':
    case 'effect_parked':
      return false;
  }
}

/** The same for an admin of the installation, who is named in the audit log. */
export async function repairFor(stores: Stores, actor: Actor, input: RepairInput): Promise<RepairResult> {
  requireAdmin(actor);
  const result = await repairStores(stores, input);
  await stores.db.transaction((tx) => recordAudit(tx, actor, 'system.repair', 'stores', result));
  return result;
}
