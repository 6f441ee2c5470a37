import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { z } from 'zod';
import { exportBundle } from './bundle/export.ts';
import { restoreBundle } from './bundle/restore.ts';
import { ConfigError, readConfig } from './config.ts';
import { invalidInput, NexusError } from './errors.ts';
import { embedAll, reindex } from './features/context/index.ts';
import { TokenScope } from './features/tokens/contract.ts';
import { createAdminToken } from './features/tokens/index.ts';
import { emitClient } from './published/emit-client.ts';
import { serve } from './serve.ts';
import { openDocumentStores, openPostgresAlone, translateStoreError } from './stores/addresses.ts';
import { openEmbedder } from './stores/embeddings.ts';
import { isLossOfDriver } from './stores/postgres-connection.ts';
import { verify } from './verify.ts';

const usage = `Usage: main.ts serve | migrate | reindex | token [--new NAME [--scope SCOPE] [--days N]]
                | verify [--repair [--yes]] | export BUNDLE [--sessions] | restore BUNDLE | generate
  serve             run the server
  migrate           bring the database's schema up to date
  reindex           build what searches and subscriptions read anew from CouchDB
  token             print the admin token. --new NAME makes another and prints it: of scope read, write or admin (if not
                    given), for N days or for ever. With the embedded PostgreSQL, while no server runs
  verify            compare the three stores; exit code 0 only when they agree. --repair shows a plan, and carries it out
                    when you say so, or with --yes
  export BUNDLE     write everything of the three stores into a new directory, or a new file NAME.tar, as of one moment.
                    --sessions adds who is signed in and the tokens of the OIDC provider: keep it as you keep passwords
  restore BUNDLE    put such a directory or tar into empty stores, and verify
  generate          write the client's types from the contracts`;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function runServer(): Promise<void> {
  // V8 would make every list of a statement's parts among its old objects, for those of the start live on; there they and the
  // parameters in them wait for a full collection.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const server = await serve(readConfig());
  say(`Topology Nexus listens on ${server.url}`);
  say(`API reference: ${server.url}/docs`);
  if (server.admin.isNew) say(`Admin token (npm run token prints it again): ${server.admin.token}`);
  say('Ready');
  const stop = (signal: NodeJS.Signals) => {
    say(`${signal}: stopping`);
    // The process ends within 5 s, even if something hangs.
    setTimeout(() => process.exit(1), 4_800).unref();
    server[Symbol.asyncDispose]().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function migrate(): Promise<void> {
  await using _postgres = await openPostgresAlone(readConfig(), pino({ level: 'warn' }));
  say('The schema is up to date.');
}

async function rebuildIndex(): Promise<void> {
  const config = readConfig();
  await using stores = await openDocumentStores(config);
  const log = pino({ level: config.logLevel });
  // Subscriptions of servers look by themselves every few seconds.
  const signals = { send: () => undefined };
  const count = await reindex({ db: stores.postgres.db, documents: stores.documents, log, signals });
  const embedder = config.embeddings && openEmbedder(config.embeddings);
  if (embedder) await embedAll({ db: stores.postgres.db, log, embedder });
  say(`${count} documents are indexed.`);
}

/** Reading needs no lock: the server may be running. */
function printAdminToken(): void {
  const { dataDirectory } = readConfig();
  if (values.scope !== undefined || values.days !== undefined) {
    throw invalidInput('new', '--scope and --days are of a new token; give --new NAME with them.');
  }
  try {
    say(readFileSync(join(dataDirectory, 'admin-token'), 'utf8').trim());
  } catch {
    throw new NexusError('not_found', `There is no admin token in "${dataDirectory}" yet; start the server once.`);
  }
}

const Days = z.coerce.number().int().min(1).max(36_500);

async function makeToken(name: string): Promise<void> {
  if (name.trim() === '' || name.length > 100) {
    throw invalidInput('new', `--new is a name of ${name.length} characters; give one of 1 to 100.`);
  }
  const scope = TokenScope.safeParse(values.scope ?? 'admin');
  if (!scope.success) throw invalidInput('scope', `--scope is "${values.scope}"; it must be read, write or admin.`);
  const days = Days.optional().safeParse(values.days);
  if (!days.success) throw invalidInput('days', `--days is "${values.days}"; it must be from 1 to 36500.`);
  const expiresAt = days.data === undefined ? null : new Date(Date.now() + days.data * 86_400_000);
  await using postgres = await openPostgresAlone(readConfig(), pino({ level: 'warn' }));
  say(await createAdminToken(postgres.db, name, { scope: scope.data, expiresAt }));
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  const told = error instanceof NexusError ? error : translateStoreError(error);
  process.stderr.write(`${told ? told.message : error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

process.on('uncaughtException', (error) => {
  if (!isLossOfDriver(error)) fail(error);
  process.stderr.write(`A connection to PostgreSQL died out of reach of any query: ${error.message}\n`);
});

// Reads `.env` in the working directory; variables already set keep their values.
if (existsSync('.env')) process.loadEnvFile('.env');

// Files are readable by their owner alone, those of libraries too; but `generate` writes files of the repository.
const { positionals, values } = readArguments();
if (positionals[0] !== 'generate') process.umask(0o077);

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        new: { type: 'string' },
        scope: { type: 'string' },
        days: { type: 'string' },
        repair: { type: 'boolean' },
        yes: { type: 'boolean' },
        sessions: { type: 'boolean' },
      },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(2);
  }
}
function bundleDirectory(): string {
  const directory = positionals[1];
  if (directory === undefined)
    throw new NexusError('invalid_input', 'The bundle is missing; name a directory, or a file that ends in .tar.');
  return directory;
}

const commands: Readonly<Record<string, () => Promise<void>>> = {
  serve: runServer,
  migrate,
  reindex: rebuildIndex,
  generate: async () => emitClient(),
  token: async () => (values.new === undefined ? printAdminToken() : makeToken(values.new)),
  export: () => exportBundle(readConfig(), bundleDirectory(), say, { hasSessions: values.sessions === true }),
  restore: async () => {
    process.exit((await restoreBundle(readConfig(), bundleDirectory(), say)) ? 0 : 1);
  },
  verify: async () => {
    const options = { isRepair: values.repair === true, isSure: values.yes === true };
    process.exit((await verify(readConfig(), options, say)) ? 0 : 1);
  },
};
const command = commands[positionals[0] ?? 'serve'];
if (!command) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
command().catch(fail);
