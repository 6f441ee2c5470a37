import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Config, ConfigError } from './config.ts';
import { NexusError } from './errors.ts';
import { openAccounts } from './features/accounts/index.ts';
import { endOldEntries } from './features/audit/index.ts';
import { documentDatabases, embedContext, followContext } from './features/context/index.ts';
import { runIngests } from './features/ingests/index.ts';
import { buckets, sweepPendingObjects, sweepStaging } from './features/objects/index.ts';
import { countOutbox, countPending } from './features/system/index.ts';
import { createAdminToken, createAuthenticator } from './features/tokens/index.ts';
import { loseSilentRuns } from './features/training/index.ts';
import { type App, createApp } from './http/app.ts';
import { callLimits } from './http/limits.ts';
import { startRelay } from './outbox/relay.ts';
import { type OpenStores, openStores } from './stores/addresses.ts';
import type { DataDirectory } from './stores/embedded/data-directory.ts';
import { openEmbedder } from './stores/embeddings.ts';
import { openLimits } from './stores/limits.ts';
import type { ObjectStore } from './stores/objects.ts';
import { type Observe, observedDatabase, observedStore } from './stores/observed.ts';
import { openSignals } from './stores/signals.ts';
import { openLog } from './watch/log.ts';
import { createMetrics } from './watch/metrics.ts';
import { openTraces } from './watch/traces.ts';

export type RunningServer = AsyncDisposable & {
  url: string;
  /** The operator's token; `isNew` at the first start. */
  admin: { token: string; isNew: boolean };
};

const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;

/** Default time-out of a statement: a search, a page, a change of a few rows. */
const statementMs = 15_000;
/** How long open requests may take to end when the server stops. */
const drainMs = 3_000;
/** How often a store that was away at the start is tried. */
const prepareMs = 1_000;
/** How often uploads past their time are looked for. */
const sweepMs = 60_000;
/** How often runs whose lease is over are looked for. */
const silenceMs = 5_000;
const auditSweepMs = 3_600_000;
/** The embeddings endpoint may have to load its model at the start. */
const embedderStartMs = 20_000;

/**
 * Opens the stores, brings the schema up to date and listens. Disposing it ends open requests (at most 3 s), the relay
 * and the stores. Throws `conflict` where the port or the data directory is taken.
 */
export async function serve(config: Config): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  const serverLog = openLog(config.logLevel);
  const { log } = serverLog;
  const traces = config.tracesUrl === undefined ? undefined : opened.use(await openTraces(config.tracesUrl, version));
  const { directory, postgres, objects, documents, embedded } = observed(
    opened.use(await openStores(config, log, statementMs)),
    traces?.observe,
  );
  // After the stores: it is closed before them, and its last batch is sent.
  opened.use(serverLog);
  serverLog.sendTo(objects.put);
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals, observe: traces?.observe }));
  const embedder = await openCheckedEmbedder(config, log);
  const stores = {
    db: postgres.db,
    quick: postgres.quick,
    objects,
    documents,
    log,
    signals,
    embedder,
    exactChunks: config.exactChunks,
    exactTimeoutMs: config.exactTimeoutMs,
    observe: traces?.observe,
    wakeRelay: relay.wake,
  };

  const stopping = new AbortController();
  opened.defer(() => stopping.abort());
  await Promise.all([
    untilDone(log, stopping.signal, async () => {
      await objects.prepare(buckets);
      if (!embedded.objects) await openToBrowsers(objects, log);
    }),
    untilDone(log, stopping.signal, async () => {
      await documents.prepare(documentDatabases);
    }),
  ]);
  opened.use(followContext(stores));
  if (embedder) opened.use(embedContext({ ...stores, embedder }));
  opened.use(runIngests(stores));
  // After what uses it, so that it is closed before: they wait for what it has in work.
  if (embedder) opened.use(embedder);
  const every = (ms: number, what: string, work: () => Promise<unknown>) => {
    const timer = setInterval(() => {
      work().catch((error: unknown) => log.warn({ err: error }, `${what} failed; it is tried again.`));
    }, ms);
    opened.defer(() => clearInterval(timer));
  };
  every(sweepMs, 'The sweep of uploads that were given up', async () => {
    await sweepPendingObjects(stores, new Date());
    await sweepStaging(stores);
  });
  every(silenceMs, 'The search for silent runs', () => loseSilentRuns(stores));
  every(auditSweepMs, 'The end of old entries of the audit log', () =>
    endOldEntries(stores, config.auditDays, new Date()),
  );

  let token = await directory.readText('admin-token');
  const authenticator = opened.use(createAuthenticator(stores));
  // A data directory may outlive its database: a token that opens nothing is replaced.
  const isNew = !token || !(await authenticator.actorOf(token));
  if (isNew) {
    token = await createAdminToken(postgres.db, 'admin');
    await directory.writeSecret('admin-token', token);
  }
  const accounts = opened.use(
    openAccounts(stores, {
      secret: config.authSecret ?? (await madeSecret(directory)),
      publicUrl: config.publicUrl,
      origins: config.origins,
      oidc: config.oidc,
    }),
  );
  const limits = opened.use(openLimits(config.redisUrl, log));
  const metrics = createMetrics({
    queriesInWork: postgres.queriesInWork,
    outbox: () => countOutbox(postgres.db).catch(() => undefined),
    pendingUploads: () => countPending(postgres.db).catch(() => undefined),
  });
  const app = opened.use(
    await createApp({
      stores,
      metrics,
      traces,
      host: config.host,
      maxSubscriptions: config.maxSubscriptions,
      admission: config.admission,
      limits: callLimits(limits, config.callsPerMinute),
      server: { version, startedAt: new Date(), embedded },
      credentials: {
        authenticator,
        accounts,
        origins: config.origins,
        proxies: config.proxies,
        everybody: config.isAuthOn ? undefined : await authenticator.actorOf(token ?? ''),
      },
    }),
  );
  const { server, port } = await listenAt(app, config);
  opened.defer(() => stop(server));
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  // A command that finds the data directory in use asks this server, by this URL.
  await directory.writeSecret('server.url', url);
  const closing = opened.move();
  return {
    url,
    admin: { token: token ?? '', isNew },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function observed(stores: OpenStores, observe: Observe | undefined): OpenStores {
  if (!observe) return stores;
  const { postgres, objects, documents } = stores;
  const db = observedDatabase(postgres.db, observe);
  const quick = postgres.quick === postgres.db ? db : observedDatabase(postgres.quick, observe);
  return {
    ...stores,
    postgres: { ...postgres, db, quick },
    objects: observedStore(objects, 'objects', observe),
    documents: observedStore(documents, 'documents', observe),
  };
}

/** Does what a store needs before its first use: now, or, where the store is away, as soon as it is back. */
async function untilDone(log: Logger, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAway(error)) throw error;
    log.warn({ err: error }, 'A store is away at the start; the server starts without it, and it is tried again.');
    void repeat(log, signal, work);
  }
}

/** No answer at all, or that of a store in trouble or without room; a refusal of our keys is a wrong setting, which ends the start. */
function isAway(error: unknown): boolean {
  if (!(error instanceof NexusError)) return false;
  if (error.reason === 'insufficient_storage') return true;
  if (error.reason !== 'unavailable') return false;
  const { code, status } = error.details;
  return (code === undefined || /^[A-Z0-9_]+$/.test(String(code))) && (status === undefined || Number(status) >= 500);
}

async function repeat(log: Logger, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await wait(prepareMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      return await work();
    } catch (error) {
      log.debug({ err: error }, 'A store cannot be made ready yet.');
    }
  }
}

async function openToBrowsers(objects: ObjectStore, log: Logger): Promise<void> {
  for (const bucket of buckets) {
    const access = await objects.allowBrowsers(bucket);
    if (access === 'refused') {
      log.info(
        { bucket },
        'The store takes no CORS rules by bucket; README, "Browsers", says what uploads from web pages need.',
      );
    }
  }
}

/** Signs cookies; it stays, or whoever is signed in would not be any more. */
async function madeSecret(directory: DataDirectory): Promise<string> {
  const found = await directory.readText('auth-secret');
  if (found) return found;
  const made = randomBytes(32).toString('base64url');
  await directory.writeSecret('auth-secret', made);
  return made;
}

/** Refuses a model of another dimension before anything is made with it. An endpoint that is away may come back. */
async function openCheckedEmbedder({ embeddings }: Config, log: Logger) {
  if (!embeddings) return undefined;
  const embedder = openEmbedder(embeddings);
  try {
    await embedder.embedNow('dimensions', embedderStartMs);
  } catch (error) {
    if (!(error instanceof NexusError)) throw error;
    if (error.reason === 'precondition_failed') throw new ConfigError(error.message);
    log.warn({ err: error }, 'The embeddings endpoint could not be asked; it is asked again when it is needed.');
  }
  return embedder;
}

const Address = z.object({ port: z.number() });

/** How long headers may take to arrive, and how often that is looked at. */
const headersMs = { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 };

function listenAt({ edge, refuseUnreadable }: App, config: Config) {
  return new Promise<{ server: Server; port: number }>((resolve, reject) => {
    const plain = createServer(headersMs, edge);
    // A caller that asks before sending its body (Expect: 100-continue) is told to once it has a place.
    plain.on('checkContinue', edge);
    plain.on('clientError', refuseUnreadable);
    plain.listen(config.port, config.host, () => resolve({ server: plain, port: Address.parse(plain.address()).port }));
    plain.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      reject(
        new NexusError(
          'conflict',
          `NEXUS_PORT is ${config.port}, which another program has on ${config.host}; stop it or choose another port.`,
          {
            cause,
          },
        ),
      );
    });
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(timer);
}
