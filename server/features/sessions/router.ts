import { procedure, router } from '../../api/procedures.ts';
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

export const sessionsRouter = router({
  create: procedure
    .meta({
      rest: {
        example: { session_type: 'model_development', metadata: { project: 'transformer-optimization' } },
        method: 'POST',
        path: '/sessions',
        status: 201,
      },
      does: 'Starts a session.',
      refuses: { forbidden: '`userId` names another person, and you are no owner.' },
    })
    .input(CreateSessionInput)
    .output(Session)
    .mutation(({ ctx, input }) => createSession(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/sessions/{id}' }, does: 'A session.' })
    .input(SessionInput)
    .output(Session)
    .query(({ ctx, input }) => getSession(ctx.stores, ctx.actor, input)),
  log: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: { events: [{ type: 'measured', data: { latency_ms: 15 } }] },
        method: 'POST',
        path: '/sessions/{id}/events',
        status: 201,
      },
      does: 'Logs one or many events of an active session.',
      refuses: {
        forbidden: 'It is somebody else’s, and you are no owner.',
        conflict: 'It has ended, or one of the `ids` has other values.',
      },
    })
    .input(LogSessionInput)
    .output(LoggedSessionEvents)
    .mutation(({ ctx, input }) => logEvents(ctx.stores, ctx.actor, input)),
  events: procedure
    .meta({
      rest: { method: 'GET', path: '/sessions/{id}/events' },
      does: 'Lists the events of a session in the order of their ids, the oldest first.',
    })
    .input(SessionEventsInput)
    .output(SessionEventPage)
    .query(({ ctx, input }) => listEvents(ctx.stores, ctx.actor, input)),
  end: procedure
    .meta({
      rest: { example: { summary: 'Measured the classifier' }, method: 'POST', path: '/sessions/{id}/end' },
      does: 'Ends a session; it may be repeated.',
      refuses: { forbidden: 'It is somebody else’s, and you are no owner.' },
    })
    .input(EndSessionInput)
    .output(Session)
    .mutation(({ ctx, input }) => endSession(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/sessions' }, does: 'Lists sessions, newest first.' })
    .input(ListSessionsInput)
    .output(SessionPage)
    .query(({ ctx, input }) => listSessions(ctx.stores, ctx.actor, input)),
});
