import { z } from 'zod';
import { FreeJson, Id, PageInput, pageOf, storableText } from '../contract.ts';
import { UserRef } from '../users/contract.ts';

export const AuditEntry = z
  .object({
    id: Id,
    at: z.date(),
    userId: Id.nullable().describe('The user who did it; null: the server itself.'),
    action: z.string().describe('The procedure: `topologies.create`.'),
    target: z.string().describe('The thing changed: `topology:123`.'),
    tokenId: z.uuid().nullable().describe('The token used; null where a person was signed in.'),
    address: z.string().nullable().describe('The caller’s address.'),
    details: FreeJson,
  })
  .meta({ id: 'AuditEntry', description: 'One change: its actor, target, time, address and token.' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const ListAuditInput = PageInput.extend({
  userId: UserRef.optional(),
  action: storableText(200).optional().describe('One procedure, or all of a noun: `topologies.create`, `topologies`.'),
  target: storableText(300).optional().describe('`topology:123`.'),
  tokenId: z.uuid().optional(),
  since: z.date().optional().describe('From this moment on.'),
  until: z.date().optional().describe('Before this moment.'),
}).meta({ id: 'ListAuditInput' });
export type ListAuditInput = z.infer<typeof ListAuditInput>;

export const AuditPage = pageOf(AuditEntry).meta({ id: 'AuditPage' });
