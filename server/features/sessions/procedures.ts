import { mutation, query } from '../define.ts';
import {
  CreateSessionInput,
  EndSessionInput,
  ListSessionsInput,
  LoggedSessionEvents,
  LogSessionInput,
  Session,
  SessionEventPage,
  SessionEventsInput,
  SessionInput,
  SessionPage,
} from './contract.ts';
import { createSession } from './create-session.ts';
import { endSession } from './end-session.ts';
import { getSession } from './get-session.ts';
import { listEvents } from './list-events.ts';
import { listSessions } from './list-sessions.ts';
import { logEvents } from './log-events.ts';

export const sessions = {
  create: mutation({
    role: 'editor',
    rest: 'POST /sessions',
    status: 201,
    example: { session_type: 'model_development', metadata: { project: 'transformer-optimization' } },
    does: 'Starts a session.',
    refuses: { forbidden: '`userId` names another person, and you are no owner.' },
    input: CreateSessionInput,
    output: Session,
    run: ({ ctx, input }) => createSession(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /sessions/{id}',
    does: 'A session.',
    input: SessionInput,
    output: Session,
    run: ({ ctx, input }) => getSession(ctx.stores, ctx.actor, input),
  }),
  log: mutation({
    role: 'editor',
    ownOnly: true,
    rest: 'POST /sessions/{id}/events',
    status: 201,
    example: { events: [{ type: 'measured', data: { latency_ms: 15 } }] },
    bodyMiB: 64,
    does: 'Logs one or many events of an active session.',
    refuses: {
      forbidden: 'It is somebody else’s, and you are no owner.',
      conflict: 'It has ended, or one of the `ids` has other values.',
    },
    input: LogSessionInput,
    output: LoggedSessionEvents,
    run: ({ ctx, input }) => logEvents(ctx.stores, ctx.actor, input),
  }),
  events: query({
    role: 'viewer',
    rest: 'GET /sessions/{id}/events',
    does: 'Lists the events of a session in the order of their ids, the oldest first.',
    input: SessionEventsInput,
    output: SessionEventPage,
    run: ({ ctx, input }) => listEvents(ctx.stores, ctx.actor, input),
  }),
  end: mutation({
    role: 'editor',
    ownOnly: true,
    rest: 'POST /sessions/{id}/end',
    example: { summary: 'Measured the classifier' },
    does: 'Ends a session; it may be repeated.',
    refuses: { forbidden: 'It is somebody else’s, and you are no owner.' },
    input: EndSessionInput,
    output: Session,
    run: ({ ctx, input }) => endSession(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /sessions',
    does: 'Lists sessions, newest first.',
    input: ListSessionsInput,
    output: SessionPage,
    run: ({ ctx, input }) => listSessions(ctx.stores, ctx.actor, input),
  }),
};
