import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { PGlite } from '@electric-sql/pglite';
import { type SQL, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite, PgliteSession } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { drizzle as drizzlePostgres, PostgresJsSession } from 'drizzle-orm/postgres-js';
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import postgres from 'postgres';
import { z } from 'zod';
import * as schema from '../../drizzle/schema/index.ts';
import { NexusError } from '../errors.ts';
import { type CopyValue, toCopyBytes } from './copy-bytes.ts';
import { light, type Running } from './light-query.ts';
import { lookEveryMs, openPlaces, type Places } from './places.ts';
import { openConnection, quickConnections } from './postgres-connection.ts';
import { readRowsOnce } from './rows-once.ts';
import type { Broadcast } from './signals.ts';

type Schema = typeof schema;
/** Both drivers, as everything above this file sees them. A transaction is one too. */
export type Database = PgDatabase<PgQueryResultHKT, Schema>;
export type Transaction = PgTransaction<
  PgQueryResultHKT,
  Schema,
  import('drizzle-orm').ExtractTablesWithRelations<Schema>
>;

export type PostgresAddress =
  | {
      kind: 'server';
      url: string;
      pool: { max: number; idleSeconds: number; connectSeconds: number };
      /** Default time-out of a statement. None where it is left out, as for the commands of an operator. */
      statementMs?: number;
      log?: Logger;
    }
  | { kind: 'embedded'; directory: string; log?: Logger };

export type PostgresStore = AsyncDisposable & {
  db: Database;
  /** The same on few connections; embedded, where there is one, the same. */
  quick: Database;
  /** Calls that the pool has in work or waiting; embedded, where each waits for the one before it, always 0. */
  queriesInWork(): number;
  /** Between the servers of one database, by LISTEN and NOTIFY. */
  broadcast: Broadcast;
  /** Applies the migrations that are missing. Refuses a schema newer than this program. Safe from several servers at once. */
  migrate(migrationsFolder?: string): Promise<void>;
};

const migrations = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));
const migrationLock = 7_203_846_119;
const channel = 'nexus';

/** Opens the store; the schema is as it was left until `migrate` is called. */
export async function openPostgres(address: PostgresAddress): Promise<PostgresStore> {
  return address.kind === 'server' ? openServer(address) : openEmbedded(address);
}

async function openServer(address: Extract<PostgresAddress, { kind: 'server' }>): Promise<PostgresStore> {
  const options = {
    idle_timeout: address.pool.idleSeconds,
    connect_timeout: address.pool.connectSeconds,
    onnotice: () => undefined,
    // Compiling a statement takes PostgreSQL half a second, more than any of ours takes to run.
    connection: {
      application_name: 'topology-nexus',
      TimeZone: 'UTC',
      jit: 'off',
      ...(address.statementMs !== undefined && { statement_timeout: address.statementMs }),
    },
  };
  await using opened = new AsyncDisposableStack();
  const running = opened.use(openRunning());
  const connection = opened.use(
    openConnection(
      address.url,
      { ...options, max: address.pool.max },
      // Drizzle sets how a pool reads and writes dates.
      { log: address.log, prepare: (client) => void drizzlePostgres({ client, schema }) },
    ),
  );
  const { client } = connection;
  const open = (pool: postgres.Sql, connections: number) => {
    const places = opened.use(openPlaces(connections));
    return guarded(preparing(pool, running.queries, places), ['unsafe', 'begin', 'reserve'], (guardedClient) =>
      drizzlePostgres({ client: guardedClient, schema }),
    );
  };
  const db = open(client, address.pool.max);
  const quick = open(connection.quick, quickConnections);
  const closing = opened.move();
  return {
    db,
    quick,
    queriesInWork: connection.inWork,
    broadcast: {
      async send(topics) {
        await client`select pg_notify(${channel}, topic) from unnest(${client.array([...topics])}::text[]) as topic`;
      },
      listen: (receive) => connection.listen(channel, receive),
    },
    async migrate(folder = migrations) {
      // A connection of its own: the lock belongs to the session that takes it.
      const { statement_timeout: _, ...connectionOptions } = options.connection;
      const single = postgres(address.url, { ...options, connection: connectionOptions, max: 1 });
      try {
        await single`select pg_advisory_lock(${migrationLock})`;
        const singleDb = drizzlePostgres({ client: single, schema });
        await refuseNewerSchema(singleDb, folder);
        await migratePostgres(singleDb, { migrationsFolder: folder });
      } catch (error) {
        throw translatePostgresError(error) ?? error;
      } finally {
        await single.end({ timeout: 2 });
      }
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const Cancelable = z.object({
  canceller: z.custom<(query: object) => unknown>((value) => typeof value === 'function'),
});

/** Queries that run for somebody, canceled once they have left. No listener a query, which would cost more than most of them. */
function openRunning(): Disposable & { queries: Running } {
  const queries: Running = new Map();
  const look = () => {
    for (const [query, { signal }] of queries) {
      if (!signal?.aborted) continue;
      queries.delete(query);
      const { data } = Cancelable.safeParse(query);
      // Its own `cancel` awaits the connection that it opens nowhere.
      Promise.resolve(data?.canceller(query)).catch(() => undefined);
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return { queries, [Symbol.dispose]: () => clearInterval(timer) };
}

/** Texts that are counted; beyond it the one that was longest unused is forgotten. */
const countedTexts = 1_000;
/** A statement that comes a third time is one of the code; a list of ids of some length may never come again. */
const usesBeforePrepared = 3;

/**
 * Prepares the statements that come again and again. Drizzle sends each by `unsafe`, which parses it anew and takes a
 * second round trip to learn its types; the server would keep every text for ever, so that rare ones are left as they are.
 */
function preparing(client: postgres.Sql, running: Running, places: Places): postgres.Sql {
  const uses = new LRUCache<string, number>({ max: countedTexts });
  const unsafeOf = (target: postgres.ISql, ofPool?: Places): postgres.Sql['unsafe'] =>
    function unsafe(text, parameters, options) {
      const count = (uses.get(text) ?? 0) + 1;
      uses.set(text, count);
      // After its options: Drizzle's say no to every statement without a name.
      return light(
        target.unsafe(text, parameters, { ...options, ...(count >= usesBeforePrepared && { prepare: true }) }),
        running,
        ofPool,
      );
    };
  const inTransaction = (tx: postgres.TransactionSql): postgres.TransactionSql => {
    const unsafe = unsafeOf(tx);
    return new Proxy(tx, {
      get: (target, property) => (property === 'unsafe' ? unsafe : Reflect.get(target, property, target)),
    });
  };
  const unsafe = unsafeOf(client, places);
  // A transaction has one place, and its queries none.
  const begin = <Result>(work: (tx: postgres.TransactionSql) => Result | Promise<Result>) =>
    places.run(() => client.begin((tx) => work(inTransaction(tx))));
  return new Proxy(client, {
    get(target, property) {
      if (property === 'unsafe') return unsafe;
      return property === 'begin' ? begin : Reflect.get(target, property, target);
    },
  });
}

async function openEmbedded({
  directory,
  log,
}: Extract<PostgresAddress, { kind: 'embedded' }>): Promise<PostgresStore> {
  // Loaded here only: a server on a real PostgreSQL does not pay for it.
  const { openPostgresFiles } = await import('./embedded/postgres.ts');
  const prepare = async (opened: PGlite) => {
    await opened.exec(`set timezone to 'UTC'`);
    await opened.exec(inTimeFunction);
  };
  const { client, ...embedded } = await openPostgresFiles(directory, prepare, log);
  const places = openPlaces(1);
  const db = guarded(inTurn(client, places), ['query', 'exec', 'sql', 'transaction'], (guardedClient) =>
    drizzlePglite({ client: guardedClient, schema }),
  );
  const unguarded = drizzlePglite({ client, schema });
  return {
    db,
    quick: db,
    queriesInWork: () => 0,
    // The directory is one server's: there is no other to tell.
    broadcast: { send: async () => undefined, listen: async () => undefined },
    async migrate(folder = migrations) {
      await refuseNewerSchema(unguarded, folder);
      await migratePglite(unguarded, { migrationsFolder: folder });
    },
    async [Symbol.asyncDispose]() {
      places[Symbol.dispose]();
      await embedded[Symbol.asyncDispose]();
    },
  };
}

/** One backend does one thing at a time: each workspace has one at a time waiting for it, so that they take turns. */
function inTurn(client: PGlite, places: Places): PGlite {
  const query: PGlite['query'] = (...given) => places.run(() => client.query(...given));
  const transaction: PGlite['transaction'] = (work) => places.run(() => client.transaction(work));
  const own: Readonly<Record<PropertyKey, unknown>> = { query, transaction };
  return new Proxy(client, {
    get: (target, property) => (property in own ? own[property] : Reflect.get(target, property, target)),
  });
}

/**
 * Makes a query on the pool inside a transaction fail instead of waiting: on the embedded store, which is one backend,
 * it would wait for itself for ever, and on a pool it would when every connection did so.
 */
function guarded<Client extends object, Db extends Database>(
  client: Client,
  methods: readonly string[],
  open: (client: Client) => Db,
): Db {
  const inside = new AsyncLocalStorage<true>();
  // A query asks for its function by name: it is bound once.
  const bound = new WeakMap<object, unknown>();
  const db = open(
    new Proxy(client, {
      get(target, property) {
        if (inside.getStore() && typeof property === 'string' && methods.includes(property)) throw waitsForItself();
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        const known = bound.get(value) ?? value.bind(target);
        bound.set(value, known);
        return known;
      },
    }),
  );
  const transaction = db.transaction.bind(db);
  db.transaction = async (work, config) => transaction((tx) => inside.run(true, () => work(tx)), config);
  insides.set(db, inside);
  readRowsOnce(db._.session);
  return db;
}

const insides = new WeakMap<Database, AsyncLocalStorage<true>>();
const waitsForItself = () =>
  new NexusError(
    'internal',
    'A transaction waits for itself: a query went to the database instead of to the open transaction. Hand the transaction down.',
  );

/** Throws where a query of the pool is about to be asked for inside a transaction. */
export function refuseInside(db: Database): void {
  if (insides.get(db)?.getStore()) throw waitsForItself();
}

async function refuseNewerSchema(db: Database, folder: string): Promise<void> {
  const journal = z
    .object({ entries: z.array(z.object({ when: z.number() })) })
    .parse(JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')));
  const newestKnown = Math.max(...journal.entries.map((entry) => entry.when));
  const [table] = await rows(
    db,
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as present`,
    z.object({ present: z.boolean() }),
  );
  if (!table?.present) return;
  const [applied] = await rows(
    db,
    sql`select max(created_at)::float8 as newest from drizzle.__drizzle_migrations`,
    z.object({ newest: z.number().nullable() }),
  );
  if ((applied?.newest ?? 0) > newestKnown) {
    throw new NexusError(
      'precondition_failed',
      'The database schema is newer than this server; run the version that made it, or a later one.',
    );
  }
}

/** Runs raw SQL and parses each row; the two drivers hand rows over differently. */
export async function rows<Row>(db: Database, query: SQL, row: z.ZodType<Row>): Promise<Row[]> {
  const result: unknown = await db.execute(query);
  const list = Array.isArray(result) ? result : z.object({ rows: z.array(z.unknown()) }).parse(result).rows;
  return list.map((one) => row.parse(one));
}

const PgliteTransaction = z.custom<Pick<PGlite, 'query'>>(
  (client) => typeof client === 'object' && client !== null && 'query' in client,
);

/**
 * Loads rows by COPY in its binary format, inside the transaction: several times as fast as an INSERT with parameters, and
 * the only way in which a vector does not travel as decimal text. `columns` are those of `table`, in the order of the
 * values; both are names out of the program, never a caller's.
 */
export async function copyInto(
  tx: Transaction,
  table: string,
  columns: readonly string[],
  given: readonly (readonly CopyValue[])[],
): Promise<void> {
  const bytes = toCopyBytes(given);
  const into = `copy ${table} (${columns.join(', ')}) from`;
  const { session } = tx._;
  if (session instanceof PostgresJsSession) {
    const copy = await session.client.unsafe(`${into} stdin with (format binary)`).writable();
    await pipeline(Readable.from([bytes]), copy);
    return;
  }
  if (!(session instanceof PgliteSession)) throw new Error('COPY has no way for this driver.');
  const client = PgliteTransaction.parse(Reflect.get(session, 'client'));
  await client.query(`${into} '/dev/blob' with (format binary)`, [], { blob: new Blob([bytes]) });
}

/**
 * Ends the statements of a transaction with a cancellation (`isCanceled`) after `timeoutMs` each, instead of after the time
 * that the pool gives them. Every row that a statement looks at has to pass the condition answered: see `inTime`.
 */
export async function limitTime(tx: Transaction, timeoutMs: number): Promise<SQL> {
  if (isEmbedded(tx)) return inTime(tx, timeoutMs);
  await tx.execute(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`);
  return sql`true`;
}

/**
 * Time-out of statements known to change many rows: a deletion with everything that belongs to it, thousands of
 * vectors.
 */
const longMs = 600_000;

/** Gives the statements of a transaction the time of long ones. */
export const allowLong = async (tx: Transaction): Promise<void> => void (await limitTime(tx, longMs));

/** Time-out of a statement over many rows on the embedded PostgreSQL, where everybody waits for it. */
const embeddedMs = 1_500;

/**
 * A condition for the rows of a statement that may look at many. The embedded PostgreSQL has no timer to interrupt it, and
 * looks at the clock row by row instead; on a server the statement has the time that its pool gives it.
 */
export const inTime = (db: Database, timeoutMs = embeddedMs): SQL =>
  isEmbedded(db) ? sql`pg_temp.in_time(${timeoutMs})` : sql`true`;

const isEmbedded = (db: Database) => db._.session instanceof PgliteSession;

/** Lives as long as its session, of which the embedded store has one. So cheap that it is asked before other conditions. */
const inTimeFunction = `
  create function pg_temp.in_time(timeout_ms int) returns boolean language plpgsql volatile cost 0.0001 as $$ begin
    if clock_timestamp() > statement_timestamp() + timeout_ms * interval '1 ms' then
      raise exception using errcode = 'query_canceled', message = 'The time of the statement is up.';
    end if;
    return true;
  end $$`;

const DriverError = z.object({
  code: z.string(),
  constraint: z.string().optional(),
  constraint_name: z.string().optional(),
});

function driverError(error: unknown): z.infer<typeof DriverError> | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const parsed = DriverError.safeParse(at);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/** Whether a constraint of this name refused the change (unique, foreign key or check). */
export function isViolationOf(error: unknown, constraint: string): boolean {
  const found = driverError(error);
  return found !== undefined && (found.constraint ?? found.constraint_name) === constraint;
}

/** Whether a statement was stopped because its time was up. */
export const isCanceled = (error: unknown): boolean => driverError(error)?.code === '57014';

/** Translates PostgreSQL's SQLSTATEs, and postgres.js's own codes, for a caller. */
const meanings: Readonly<Record<string, readonly [NexusError['reason'], string]>> = {
  '22001': ['invalid_input', 'A text is too long for its column; shorten it.'],
  '22003': ['invalid_input', 'A number is out of the range of its column; use a smaller one.'],
  '22007': ['invalid_input', 'A date is out of the range of its column; use one of the years 1 to 9999.'],
  '22008': ['invalid_input', 'A date is out of the range of its column; use one of the years 1 to 9999.'],
  '22009': ['invalid_input', 'A date is out of the range of its column; use one of the years 1 to 9999.'],
  '22P05': ['invalid_input', 'A text holds a character that cannot be stored (such as NUL); remove it.'],
  '22021': ['invalid_input', 'A text holds a character that cannot be stored (such as NUL); remove it.'],
  '23503': [
    'conflict',
    'Something else still refers to it, or what it refers to is gone; list what depends on it and try again.',
  ],
  '23505': ['conflict', 'It exists already; use another name, or change the one that is there.'],
  '23514': ['invalid_input', 'A value breaks a rule of its table; see the limits in the reference.'],
  '40001': ['conflict', 'Another change came first; read it again and repeat yours.'],
  '40P01': ['conflict', 'Another change came first; read it again and repeat yours.'],
  '53000': ['unavailable', 'PostgreSQL has too many files open; raise its limit of them (ulimit -n), and try again.'],
  '53100': ['insufficient_storage', 'PostgreSQL cannot write, for its disk is full; free space there.'],
  '53300': ['unavailable', 'PostgreSQL has no free connection; try again shortly.'],
  '57014': ['timeout', 'The query took too long and was stopped; ask for less.'],
  '57P01': ['unavailable', 'PostgreSQL is shutting down; try again shortly.'],
  '57P03': ['unavailable', 'PostgreSQL is starting; try again shortly.'],
  '58030': ['insufficient_storage', 'PostgreSQL cannot read or write its files; look at the disk.'],
  XX001: ['unavailable', 'PostgreSQL found a damaged page in its files; put back a copy of them, or restore a bundle.'],
  XX002: [
    'unavailable',
    'PostgreSQL found a damaged index in its files; put back a copy of them, or restore a bundle.',
  ],
  CONNECT_TIMEOUT: ['unavailable', 'PostgreSQL cannot be reached; try again shortly.'],
  CONNECTION_CLOSED: ['unavailable', 'PostgreSQL closed the connection; try again shortly.'],
  CONNECTION_ENDED: ['unavailable', 'The connection to PostgreSQL has ended; try again shortly.'],
  CONNECTION_DESTROYED: ['unavailable', 'The connection to PostgreSQL has ended; try again shortly.'],
  EHOSTUNREACH: ['unavailable', 'PostgreSQL cannot be reached; try again shortly.'],
  ENOTFOUND: ['unavailable', 'The host of PostgreSQL is not known; try again shortly.'],
  ETIMEDOUT: ['unavailable', 'PostgreSQL cannot be reached; try again shortly.'],
  EPIPE: ['unavailable', 'PostgreSQL closed the connection; try again shortly.'],
  ECONNREFUSED: ['unavailable', 'PostgreSQL cannot be reached; try again shortly.'],
  ECONNRESET: ['unavailable', 'PostgreSQL closed the connection; try again shortly.'],
};

/** Codes of failures before PostgreSQL did anything, so that the same call may be made again. */
const undone = new Set(['53300', '57P03', 'CONNECT_TIMEOUT', 'ECONNREFUSED']);

/** The error as callers may see it, or undefined where it did not come from PostgreSQL. */
export function translatePostgresError(error: unknown): NexusError | undefined {
  const found = driverError(error);
  const meaning = found && meanings[found.code];
  if (!meaning) return undefined;
  const constraint = found.constraint ?? found.constraint_name;
  const store = {
    ...((meaning[0] === 'unavailable' || meaning[0] === 'insufficient_storage') && { store: 'postgres' }),
    ...(undone.has(found.code) && { isSafeToRepeat: true }),
  };
  return new NexusError(meaning[0], meaning[1], {
    cause: error,
    details: constraint ? { constraint, ...store } : store,
  });
}
