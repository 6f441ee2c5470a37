import { procedure, router } from '../../api/procedures.ts';
import { AuditPage, ListAuditInput } from './contract.ts';
import { listAudit } from './list-audit.ts';

export const auditRouter = router({
  list: procedure
    .meta({ rest: { method: 'GET', path: '/audit' }, does: 'What was done in the workspace, newest first (owners).' })
    .input(ListAuditInput)
    .output(AuditPage)
    .query(({ ctx, input }) => listAudit(ctx.stores, ctx.actor, input)),
});
