import { Hono, type Context as HonoContext } from 'hono';
import { streamSSE } from 'hono/streaming';
import { NexusError } from '../errors.ts';
import { routes } from '../features/nouns.ts';
import type { Tracked } from '../procedure/definition.ts';
import type { Route } from '../procedure/route.ts';
import { renamed } from '../procedure/wire-names.ts';
import { noCredential, openStream } from './answer.ts';
import { arrivalOf } from './caller.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import { problem, problemBody, withWireNames } from './problem.ts';
import { inputReader, namesOf, type RestCall, type RestRequest, restCallOf } from './rest-call.ts';
import { inOrder } from './rest-paths.ts';

/** The procedures as plain REST below `/api`: snake_case names, 201 for what was made, RFC 9457 problems. */
export function restOf(): Hono {
  const app = new Hono();
  const allowed = new Map<string, Set<string>>();
  for (const { route, path: given } of inOrder(routes)) {
    const path = given.replace(/\{(\w+)\}/g, ':$1');
    const methods = allowed.get(path) ?? new Set(['OPTIONS']);
    allowed.set(path, methods.add(route.method));
    if (route.method === 'GET') methods.add('HEAD');
    const call = restCallOf(route);
    app.on(route.method, path, call ? answerOf(call) : streamOf(route));
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].sort().join(', ');
    app.options(path, () => new Response(null, { status: 204, headers: { allow } }));
    app.all(path, () => {
      const error = new NexusError('invalid_input', `This path takes ${allow} only.`);
      return problem(error, undefined, 405, { allow });
    });
  }
  app.all('*', (c) =>
    problem(new NexusError('not_found', `There is no ${c.req.method} ${c.req.path}; the reference is at /docs.`)),
  );
  return app;
}

function answerOf(call: RestCall) {
  return async (c: HonoContext): Promise<Response> => {
    const { caller, ctx, body } = arrivalOf(c);
    const answer = ctx
      ? await call.answer(ctx, requestOf(c, new TextDecoder().decode(body)))
      : call.refuse(noCredential(), caller.requestId);
    const { status, contentType, body: text, headers } = answer;
    return new Response(text, { status, headers: { 'content-type': contentType, ...headers } });
  };
}

const requestOf = (c: HonoContext, body: string): RestRequest => ({
  header: (name) => c.req.header(name),
  queries: () => c.req.queries(),
  params: c.req.param(),
  body,
});

function streamOf(route: Route) {
  const names = namesOf(route);
  const readInput = inputReader(route);
  return async (c: HonoContext): Promise<Response> => {
    const { caller, ctx } = arrivalOf(c);
    try {
      if (!ctx) throw noCredential();
      const input = readInput(requestOf(c, ''));
      return eventsOf(c, route, await openStream(route, ctx, () => input, c.req.raw.signal), ctx);
    } catch (error) {
      return problem(withWireNames(toNexusError(error), names), caller.requestId);
    }
  };
}

const keepAliveMs = 15_000;

/**
 * A subscription as server-sent events: `id` to come back with (`Last-Event-ID`) and the item as JSON in `data`; an event
 * `end` where there will be no more, an event `problem` where it failed.
 */
function eventsOf(c: HonoContext, route: Route, items: AsyncIterable<Tracked<unknown>>, ctx: Context): Response {
  c.header('x-request-id', ctx.requestId);
  return streamSSE(c, async (stream) => {
    const keepAlive = setInterval(() => void stream.write(': \n\n'), keepAliveMs);
    try {
      for await (const { id, item } of items) {
        if (stream.aborted) return;
        await stream.writeSSE({ id, data: JSON.stringify(renamed(route.output, item, 'output')) });
      }
      await stream.writeSSE({ event: 'end', data: '{}' });
    } catch (error) {
      const nexus = toNexusError(error);
      if (nexus.reason === 'internal') ctx.stores.log.error({ requestId: ctx.requestId, err: error }, 'failed');
      await stream.writeSSE({ event: 'problem', data: JSON.stringify(problemBody(nexus, ctx.requestId)) });
    } finally {
      clearInterval(keepAlive);
    }
  });
}
