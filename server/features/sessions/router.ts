import { procedure, router } from '../../api/procedures.ts';
import { CreateSessionInput, EndSessionInput, ListSessionsInput, Session, SessionPage } from './contract.ts';
import { createSession } from './create-session.ts';
import { endSession } from './end-session.ts';
import { listSessions } from './list-sessions.ts';

export const sessionsRouter = router({
  create: procedure
    .meta({ rest: { method: 'POST', path: '/sessions', status: 201 }, does: 'Starts a session.' })
    .input(CreateSessionInput)
    .output(Session)
    .mutation(({ ctx, input }) => createSession(ctx.stores, ctx.actor, input)),
  end: procedure
    .meta({ rest: { method: 'POST', path: '/sessions/{id}/end' }, does: 'Ends a session; it may be repeated.' })
    .input(EndSessionInput)
    .output(Session)
    .mutation(({ ctx, input }) => endSession(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/sessions' }, does: 'Lists sessions, newest first.' })
    .input(ListSessionsInput)
    .output(SessionPage)
    .query(({ ctx, input }) => listSessions(ctx.stores, ctx.actor, input)),
});
