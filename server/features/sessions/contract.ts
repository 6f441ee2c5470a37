import { z } from 'zod';
import { DocumentId } from '../context/contract.ts';
import {
  FreeJson,
  FreeValue,
  Id,
  PageInput,
  pageOf,
  refTo,
  storableJson,
  storableObject,
  storableText,
} from '../contract.ts';

export const SessionStatus = z
  .enum(['active', 'ended'])
  .meta({ id: 'SessionStatus', description: 'How a session stands: it takes events while it is active.' });

export const Session = z
  .object({
    id: z.string(),
    rev: z.string().describe('CouchDB’s revision.'),
    userId: Id.describe('The user who works in it.'),
    sessionType: z.string(),
    status: SessionStatus,
    metadata: FreeJson,
    summary: z.string().nullable().describe('The outcome; null until it is given at the end.'),
    startedAt: z.date(),
    endedAt: z.date().nullable(),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'Session', description: 'A time in which somebody worked on something.' });
export type Session = z.infer<typeof Session>;

export const CreateSessionInput = z
  .strictObject({
    userId: refTo('user').optional().describe('Yourself; an owner or an admin may name another member.'),
    sessionType: storableText(100).min(1).describe('Such as `model_development`.'),
    metadata: storableObject(64 * 1024)
      .default({})
      .describe('Any JSON object, up to 64 KB.'),
  })
  .meta({ id: 'CreateSessionInput' });
export type CreateSessionInput = z.infer<typeof CreateSessionInput>;

export const EndSessionInput = z
  .strictObject({ id: DocumentId, summary: storableText(20_000).optional() })
  .meta({ id: 'EndSessionInput' });
export type EndSessionInput = z.infer<typeof EndSessionInput>;

export const ListSessionsInput = PageInput.extend({
  userId: refTo('user').optional(),
  isActive: z.boolean().optional().describe('true: those that have not ended; false: those that have.'),
}).meta({ id: 'ListSessionsInput' });
export type ListSessionsInput = z.infer<typeof ListSessionsInput>;

export const SessionPage = pageOf(Session).meta({ id: 'SessionPage' });

export const SessionInput = z.strictObject({ id: DocumentId }).meta({ id: 'SessionInput' });

export const SessionEvent = z
  .object({
    id: z.string().describe('As it was given, or as the server chose it.'),
    type: z.string(),
    data: FreeValue.describe('Text or any JSON, as given.'),
    timestamp: z.date().describe('When it arrived.'),
    createdBy: Id.nullable(),
  })
  .meta({ id: 'SessionEvent', description: 'Something that happened in a session.' });
export type SessionEvent = z.infer<typeof SessionEvent>;

const maxEvents = 1000;

export const NewSessionEvent = z
  .strictObject({
    type: storableText(100).min(1).describe('Such as `tool_call`.'),
    data: storableJson(64 * 1024)
      .default(null)
      .describe('Text or any JSON, up to 64 KB.'),
  })
  .meta({ id: 'NewSessionEvent', description: 'Something that happened in a session.' });

export const LogSessionInput = z
  .strictObject({
    id: DocumentId,
    events: z
      .union([NewSessionEvent, z.array(NewSessionEvent).min(1).max(maxEvents)])
      .describe('An event or a list of 1 to 1,000.'),
    ids: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be 1 to 100 letters, digits, "_" or "-"'))
      .min(1)
      .max(maxEvents)
      .optional()
      .describe(
        'An id of your own for each event makes it safe to send the same events again; let them grow with time.',
      ),
  })
  .meta({ id: 'LogSessionInput' });
export type LogSessionInput = z.infer<typeof LogSessionInput>;

export const LoggedSessionEvents = z
  .object({ id: z.string(), ids: z.array(z.string()).describe('The ids of the events, in the order given.') })
  .meta({ id: 'LoggedSessionEvents', description: 'The events as they are stored.' });
export type LoggedSessionEvents = z.infer<typeof LoggedSessionEvents>;

export const SessionEventsInput = PageInput.extend({ id: DocumentId }).meta({ id: 'SessionEventsInput' });
export type SessionEventsInput = z.infer<typeof SessionEventsInput>;

export const SessionEventPage = z
  .object({
    items: z.array(SessionEvent),
    nextCursor: z.string().nullable().describe('Give it as `cursor` for the next page; null on the last.'),
  })
  .meta({
    id: 'SessionEventPage',
    description: 'A page in the order of the events’ ids, which is that of their time where the server chose them.',
  });
