import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Database, rows, type Transaction } from '../stores/postgres.ts';

export type Table = { name: string; columns: string[] };

/**
 * Tables that are left out: those built anew from the documents or by triggers, places in a feed that only one CouchDB knows,
 * and the identity of the installation.
 */
const derived = [
  'context_embeddings',
  'context_index',
  'follower_positions',
  'installation',
  'topology_datasets',
  'topology_figures',
  'topology_objects',
];
const Name = z.object({ name: z.string() });

/** The tables of the schema, each after those that it refers to, with the columns that are written. */
export async function tablesOf(db: Database): Promise<Table[]> {
  const names = await rows(
    db,
    sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relispartition order by relname`,
    Name,
  );
  const references = await rows(
    db,
    sql`select c.relname as name, t.relname as target from pg_constraint k join pg_class c on c.oid = k.conrelid
      join pg_class t on t.oid = k.confrelid where k.contype = 'f' and k.connamespace = 'public'::regnamespace`,
    z.object({ name: z.string(), target: z.string() }),
  );
  const columns = await rows(
    db,
    sql`select table_name as name, column_name as column from information_schema.columns
      where table_schema = 'public' and is_generated = 'NEVER' order by ordinal_position`,
    z.object({ name: z.string(), column: z.string() }),
  );
  const left = names.map(({ name }) => name).filter((name) => !derived.includes(name));
  const ordered: Table[] = [];
  while (left.length > 0) {
    const at = left.findIndex(
      (name) => !references.some((one) => one.name === name && one.target !== name && left.includes(one.target)),
    );
    if (at < 0) throw new Error(`The tables ${left.join(', ')} refer to each other in a circle.`);
    const [name = ''] = left.splice(at, 1);
    ordered.push({ name, columns: columns.filter((one) => one.name === name).map(({ column }) => column) });
  }
  return ordered;
}

const batch = 500;

/** The answer of a query, a batch at a time. */
export async function* batchesOf<Row>(
  tx: Transaction,
  name: string,
  query: SQL,
  row: z.ZodType<Row>,
): AsyncGenerator<Row[]> {
  const cursor = sql.identifier(`export_${name}`);
  await tx.execute(sql`declare ${cursor} no scroll cursor for ${query}`);
  for (;;) {
    const found = await rows(tx, sql`fetch ${sql.raw(String(batch))} from ${cursor}`, row);
    if (found.length === 0) break;
    yield found;
  }
  await tx.execute(sql`close ${cursor}`);
}

/** Tables of sessions and of sign-ins under way. */
const signIns: ReadonlySet<string> = new Set(['auth_sessions', 'auth_verifications']);
/** Tokens that the OIDC provider gave for a person; the columns that tell who it is stay. */
const providerTokens: readonly string[] = [
  'access_token',
  'refresh_token',
  'id_token',
  'access_token_expires_at',
  'refresh_token_expires_at',
];

/**
 * The rows of a table as JSON texts. Uploads under way are not for another store. Without sessions nothing of them is a key to
 * anything, here or at the OIDC provider: people sign in anew.
 */
export async function* rowsOf(tx: Transaction, { name }: Table, hasSessions: boolean): AsyncGenerator<string[]> {
  if (signIns.has(name) && !hasSessions) return;
  const narrowed = name === 'stored_objects' ? sql`where status = 'ready'` : sql``;
  const left = name === 'auth_accounts' && !hasSessions ? providerTokens : [];
  const query = sql`select (to_jsonb(t) - ${`{${left.join(',')}}`}::text[])::text as row
    from ${sql.identifier(name)} t ${narrowed}`;
  for await (const found of batchesOf(tx, name, query, z.object({ row: z.string() })))
    yield found.map(({ row }) => row);
}

/** Writes rows as `rowsOf` gave them, their ids included. */
export async function insertRows(tx: Transaction, { name, columns }: Table, texts: readonly string[]): Promise<void> {
  const list = sql.join(
    columns.map((column) => sql.identifier(column)),
    sql`, `,
  );
  const table = sql.identifier(name);
  await tx.execute(sql`insert into ${table} (${list}) overriding system value
    select ${list} from jsonb_populate_recordset(null::${table}, ${`[${texts.join(',')}]`}::jsonb)`);
}

const Sequence = z.object({ table: z.string(), column: z.string(), last: z.number() });
export type Sequence = z.infer<typeof Sequence>;

/** The id sequence of each table: a deleted id is never reused. */
export async function sequencesOf(db: Database): Promise<Sequence[]> {
  const found = await rows(
    db,
    sql`select c.table_name as "table", c.column_name as "column", coalesce(s.last_value, 0)::float8 as last
      from information_schema.columns c
      join pg_sequences s on quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename)
        = pg_get_serial_sequence(quote_ident(c.table_name), c.column_name)
      where c.table_schema = 'public' and c.is_identity = 'YES'`,
    Sequence,
  );
  return found.filter(({ last }) => last > 0);
}

export async function setSequence(tx: Transaction, { table, column, last }: Sequence): Promise<void> {
  await tx.execute(sql`select setval(pg_get_serial_sequence(${table}, ${column}), ${last}::bigint)`);
}

/** Tables that have rows already. */
export async function filledTables(db: Database, tables: readonly Table[]): Promise<string[]> {
  const filled: string[] = [];
  for (const { name } of tables) {
    const [found] = await rows(
      db,
      sql`select exists(select 1 from ${sql.identifier(name)}) as present`,
      z.object({ present: z.boolean() }),
    );
    if (found?.present) filled.push(name);
  }
  return filled;
}

/** The schema's version: when its newest migration was made. */
export async function schemaVersion(db: Database): Promise<number> {
  const [found] = await rows(
    db,
    sql`select max(created_at)::float8 as newest from drizzle.__drizzle_migrations`,
    z.object({ newest: z.number() }),
  );
  return found?.newest ?? 0;
}
