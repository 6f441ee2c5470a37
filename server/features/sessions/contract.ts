import { z } from 'zod';
import { DocumentId, storableObject } from '../context/contract.ts';
import { FreeJson, Id, PageInput, pageOf, refTo, storableText } from '../contract.ts';

export const SessionStatus = z.enum(['active', 'ended']).meta({ id: 'SessionStatus' });

export const Session = z
  .object({
    id: z.string(),
    rev: z.string().describe('CouchDB’s revision.'),
    userId: Id.describe('Whose session it is.'),
    sessionType: z.string(),
    status: SessionStatus,
    metadata: FreeJson,
    summary: z.string().nullable().describe('What came of it; null until it is given at the end.'),
    startedAt: z.date(),
    endedAt: z.date().nullable(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'Session', description: 'A time in which somebody worked on something.' });
export type Session = z.infer<typeof Session>;

export const CreateSessionInput = z
  .object({
    userId: refTo('user').optional().describe('Yourself; an owner or an admin may name another member.'),
    sessionType: storableText(100).min(1).describe('Such as `model_development`.'),
    metadata: storableObject(64 * 1024)
      .default({})
      .describe('Any JSON object, up to 64 KB.'),
  })
  .meta({ id: 'CreateSessionInput' });
export type CreateSessionInput = z.infer<typeof CreateSessionInput>;

export const EndSessionInput = z
  .object({ id: DocumentId, summary: storableText(20_000).optional() })
  .meta({ id: 'EndSessionInput' });
export type EndSessionInput = z.infer<typeof EndSessionInput>;

export const ListSessionsInput = PageInput.extend({
  userId: refTo('user').optional(),
  isActive: z.boolean().optional().describe('true: those that have not ended; false: those that have.'),
}).meta({ id: 'ListSessionsInput' });
export type ListSessionsInput = z.infer<typeof ListSessionsInput>;

export const SessionPage = pageOf(Session).meta({ id: 'SessionPage' });
