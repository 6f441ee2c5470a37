import { query } from '../define.ts';
import { AuditPage, ListAuditInput } from './contract.ts';
import { listAudit } from './list-audit.ts';

export const audit = {
  list: query({
    role: 'owner',
    rest: 'GET /audit',
    does: 'Lists the changes made in the workspace, newest first (owners).',
    input: ListAuditInput,
    output: AuditPage,
    run: ({ ctx, input }) => listAudit(ctx.stores, ctx.actor, input),
  }),
};
