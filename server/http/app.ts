import { getRequestListener } from '@hono/node-server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { NexusError } from '../errors.ts';
import { routes } from '../features/nouns.ts';
import { Health } from '../features/system/contract.ts';
import { lastHealth, lastReady } from '../features/system/index.ts';
import { renamed } from '../procedure/wire-names.ts';
import { openApiDocument } from '../published/openapi.ts';
import { referencePage } from '../published/reference-page.ts';
import type { Traces } from '../watch/traces.ts';
import { type AdmissionLimits, openAdmission } from './admission.ts';
import { noCredential } from './answer.ts';
import { arrivalOf, passOn } from './caller.ts';
import type { Context } from './context.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { directCalls } from './direct-calls.ts';
import { type Edge, openEdge } from './edge.ts';
import { toNexusError } from './error-mapping.ts';
import { type CallLimits, retryAfter } from './limits.ts';
import { problem } from './problem.ts';
import { refusalOf } from './refusal.ts';
import { newRequestId } from './request-id.ts';
import { restOf } from './rest.ts';
import { answerSignIn } from './sign-in.ts';
import { targetsOf } from './target.ts';
import { asTrpcError, trpcRouterOf } from './trpc.ts';
import { refusesUnreadable } from './unreadable-request.ts';

/** Large answers of one credential are made one after the other on one thread: everybody waits for those of one moment. */
const workShare = 1 / 8;

export type AppFacts = Pick<Context, 'stores' | 'server' | 'metrics'> & {
  traces: Traces | undefined;
  credentials: Credentials;
  limits: CallLimits;
  admission: AdmissionLimits;
  maxSubscriptions: number;
  /** The address that the server listens on. */
  host: string;
};

export type App = Disposable & {
  /** tRPC at `/trpc`, REST at `/api`, sign-in at `/auth`, the reference at `/docs`, and `/health`, `/ready`, `/metrics`. */
  edge: Edge;
  /** Answers what node:http can make no request of. */
  refuseUnreadable: ReturnType<typeof refusesUnreadable>;
};

export async function createApp(facts: AppFacts): Promise<App> {
  const { stores, server, metrics, traces, credentials, limits } = facts;
  const logFailure = (thrown: unknown, requestId: string) => stores.log.error({ err: thrown, requestId }, 'failed');
  const trpc = trpcRouterOf(routes);
  const document = openApiDocument(server.version);
  const reference = referencePage(document);
  const app = new Hono();
  for (const headers of headersOf(credentials.origins)) app.use(headers);
  app.use(async (c, next) => {
    await next();
    // A stream has a place of its own kind.
    if (c.res.headers.get('content-type')?.startsWith('text/event-stream')) arrivalOf(c).release();
  });
  app.get('/metrics', async (c) => {
    const actor = await credentialsOf(credentials)(arrivalOf(c).caller);
    if (!actor?.isAdmin) {
      const message = 'The metrics are for admins; send the header "Authorization: Bearer <token>" of one.';
      return problem(new NexusError(actor ? 'forbidden' : 'unauthenticated', message));
    }
    const { contentType, text } = await metrics.print();
    return c.body(text, 200, { 'content-type': contentType });
  });
  app.get('/health', async () => {
    const health = await lastHealth(stores);
    return Response.json(renamed(Health, health, 'output'), { status: health.status === 'healthy' ? 200 : 503 });
  });
  app.get('/ready', async (c) => {
    const ready = await lastReady(stores);
    return c.json({ status: ready ? 'ready' : 'not_ready' }, ready ? 200 : 503);
  });
  // Written once: whoever has no credential may ask for it.
  const documentText = JSON.stringify(document);
  app.get('/api/openapi.json', (c) => c.body(documentText, 200, { 'content-type': 'application/json' }));
  app.get('/docs', (c) => c.html(reference));
  app.all('/trpc/*', (c) =>
    fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: trpc,
      createContext: () => arrivalOf(c).ctx ?? asTrpcError(noCredential()),
      responseMeta: ({ errors: [error] }) => (error ? { headers: retryAfter(toNexusError(error)) } : {}),
      allowBatching: true,
      // Queries whose input is too long for a URL come as POST.
      allowMethodOverride: true,
    }),
  );
  app.all('/auth/*', (c) => answerSignIn(c, credentials, limits));
  app.route('/api', restOf());
  app.notFound((c) => problem(new NexusError('not_found', `There is no ${c.req.path}; the reference is at /docs.`)));
  app.onError((thrown) => {
    const requestId = newRequestId();
    const error = toNexusError(thrown);
    if (error.reason === 'internal') logFailure(thrown, requestId);
    return problem(error, requestId);
  });
  const standing = await standingHeaders(headersOf([]));
  const ofCalls = {
    rest: await standingHeaders(headersOf(credentials.origins)),
    // tRPC sets it beside them.
    trpc: await standingHeaders(headersOf(credentials.origins), { vary: 'trpc-accept, accept' }),
  };
  const answersDirectly = directCalls({ routes, standing: ofCalls, hasForeignPages: credentials.origins.length > 0 });
  const listener = getRequestListener(app.fetch, { hostname: facts.host });
  const edge = openEdge({
    credentials,
    limits,
    metrics,
    traces,
    targetOf: targetsOf(routes),
    refuse: refusalOf(standing, credentials.origins),
    logFailure,
    requests: openAdmission(facts.admission, 'requests', workShare),
    streams: openAdmission({ maxRequests: facts.maxSubscriptions, maxWaiting: 0 }, 'subscriptions'),
    contextOf: (of) => ({ stores, accounts: credentials.accounts, server, metrics, traces, ...of }),
    answer(incoming, outgoing, arrival) {
      if (answersDirectly(incoming, outgoing, arrival)) return;
      passOn(incoming, arrival);
      void listener(incoming, outgoing);
    },
  });
  return {
    edge,
    refuseUnreadable: refusesUnreadable(standing),
    [Symbol.dispose]: () => edge[Symbol.dispose](),
  };
}

async function standingHeaders(from: readonly MiddlewareHandler[], own: Record<string, string> = {}): Promise<Headers> {
  const bare = new Hono();
  for (const headers of from) bare.use(headers);
  return (await bare.all('*', () => new Response(null, { headers: own })).request('/')).headers;
}

/** The middleware that sets the headers of every answer. */
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
// Headers that only a document heeds are not sent with each row of data.
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
