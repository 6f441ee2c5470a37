import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { NexusError } from '../errors.ts';
import { Health } from '../features/system/contract.ts';
import { checkHealth, isReady } from '../features/system/index.ts';
import { type AdmissionLimits, admitted, openAdmission } from './admission.ts';
import { type Caller, callerOf } from './caller.ts';
import type { Context } from './context.ts';
import { addressOf, type Credentials, credentialsOf } from './credentials.ts';
import { directCalls } from './direct-calls.ts';
import { asTrpcError, toNexusError } from './error-mapping.ts';
import { type Gate, gateOf } from './gate.ts';
import { type CallLimits, retryAfter } from './limits.ts';
import { openApiDocument } from './openapi.ts';
import { problem } from './problem.ts';
import { referencePage } from './reference-page.ts';
import { newRequestId } from './request-id.ts';
import { restOf } from './rest.ts';
import { appRouter } from './router.ts';
import { routesOf } from './routes.ts';
import { answerSignIn } from './sign-in.ts';
import { refusesUnreadable } from './unreadable-request.ts';
import { renamed } from './wire-names.ts';

const maxBodyBytes = 64 * 1024 * 1024;

export type AppFacts = Pick<Context, 'stores' | 'server' | 'metrics' | 'traces'> & {
  credentials: Credentials;
  limits: CallLimits;
  admission: AdmissionLimits;
  maxSubscriptions: number;
};

export type App = {
  /** tRPC at `/trpc`, REST at `/api`, sign-in at `/auth`, the reference at `/docs`, and `/health`, `/ready`, `/metrics`. */
  fetch: Hono['fetch'];
  /** What a request goes through before it. */
  gate: Gate;
  /** Answers what node:http can make no request of. */
  refuseUnreadable: ReturnType<typeof refusesUnreadable>;
  /** Answers plain calls faster, and says whether it does; what it leaves is for `fetch`. */
  answersDirectly: ReturnType<typeof directCalls>;
};

export async function createApp({
  stores,
  server,
  metrics,
  traces,
  maxSubscriptions,
  credentials,
  limits,
  admission: places,
}: AppFacts): Promise<App> {
  const actorOf = credentialsOf(credentials);
  const admission = openAdmission(places);
  const subscriptions = { most: maxSubscriptions, open: 0 };
  const contextOf = async (caller: Caller): Promise<Context> => {
    const { requestId, signal } = caller;
    try {
      const address = addressOf(caller, credentials.proxies);
      const actor = await actorOf(caller);
      await limits.countCall(caller, actor, address);
      const actorNow = () => actorOf(caller);
      return { stores, server, metrics, traces, subscriptions, actor, actorNow, requestId, signal, address };
    } catch (thrown) {
      const error = toNexusError(thrown);
      if (error.reason === 'internal') stores.log.error({ err: thrown, requestId }, 'failed');
      throw error;
    }
  };
  const routes = routesOf();
  const document = openApiDocument(server.version);
  const reference = referencePage(document);
  const app = new Hono();
  for (const headers of headersOf(credentials.origins)) app.use(headers);
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () =>
        problem(
          new NexusError(
            'too_large',
            `The body is larger than ${maxBodyBytes} bytes; send less, or upload it as an object.`,
          ),
        ),
    }),
  );
  app.use(admitted(admission));
  app.get('/metrics', async (c) => {
    const actor = await actorOf(callerOf(c));
    if (!actor?.isAdmin) {
      const message = 'The metrics are for admins; send the header "Authorization: Bearer <token>" of one.';
      return problem(new NexusError(actor ? 'forbidden' : 'unauthenticated', message));
    }
    const { contentType, text } = await metrics.print();
    return c.body(text, 200, { 'content-type': contentType });
  });
  app.get('/health', async () => {
    const health = await checkHealth(stores);
    return Response.json(renamed(Health, health, 'output'), { status: health.status === 'healthy' ? 200 : 503 });
  });
  app.get('/ready', async (c) => {
    const ready = await isReady(stores);
    return c.json({ status: ready ? 'ready' : 'not_ready' }, ready ? 200 : 503);
  });
  app.get('/api/openapi.json', (c) => c.json(document));
  app.get('/docs', (c) => c.html(reference));
  app.all('/trpc/*', (c) =>
    fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: appRouter,
      createContext: () => contextOf(callerOf(c)).catch(asTrpcError),
      responseMeta: ({ errors: [error] }) => (error ? { headers: retryAfter(toNexusError(error)) } : {}),
      allowBatching: true,
      // Queries whose input is too long for a URL come as POST.
      allowMethodOverride: true,
    }),
  );
  app.all('/auth/*', (c) => answerSignIn(c, credentials, limits));
  app.route('/api', restOf(contextOf));
  app.notFound((c) => problem(new NexusError('not_found', `There is no ${c.req.path}; the reference is at /docs.`)));
  app.onError((thrown) => {
    const requestId = newRequestId();
    const error = toNexusError(thrown);
    if (error.reason === 'internal') stores.log.error({ err: thrown, requestId }, 'failed');
    return problem(error, requestId);
  });
  const standing = await standingHeaders(headersOf([]));
  const ofCalls = {
    rest: await standingHeaders(headersOf(credentials.origins)),
    // What tRPC sets beside them.
    trpc: await standingHeaders(headersOf(credentials.origins), { vary: 'trpc-accept, accept' }),
  };
  const hasForeignPages = credentials.origins.length > 0;
  return {
    fetch: app.fetch,
    refuseUnreadable: refusesUnreadable(standing),
    gate: gateOf({ credentials, limits, metrics, routes, standing }),
    answersDirectly: directCalls({ admission, contextOf, routes, standing: ofCalls, hasForeignPages }),
  };
}

async function standingHeaders(from: readonly MiddlewareHandler[], own: Record<string, string> = {}): Promise<Headers> {
  const bare = new Hono();
  for (const headers of from) bare.use(headers);
  return (await bare.all('*', () => new Response(null, { headers: own })).request('/')).headers;
}

/** What sets the headers that every answer has. */
function headersOf(origins: readonly string[]): MiddlewareHandler[] {
  const security: MiddlewareHandler = (c, next) => (isOfPages(c.req.path) ? ofPages : ofData)(c, next);
  if (origins.length === 0) return [security, unstored];
  const exposeHeaders = ['x-request-id', 'retry-after'];
  return [security, unstored, cors({ origin: [...origins], credentials: true, exposeHeaders, maxAge: 600 })];
}

const isOfPages = (path: string) => path === '/docs' || path.startsWith('/auth/');
const nothing = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
const ofPages = secureHeaders({
  contentSecurityPolicy: { ...nothing, styleSrc: ["'unsafe-inline'"], baseUri: ["'none'"], formAction: ["'none'"] },
  crossOriginResourcePolicy: 'same-site',
});
// What only a document heeds is not sent with each row of data.
const ofData = secureHeaders({
  contentSecurityPolicy: nothing,
  crossOriginResourcePolicy: 'same-site',
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  referrerPolicy: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/** Answers are one caller's: nothing in between keeps them. */
const unstored: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};
