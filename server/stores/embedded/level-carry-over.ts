import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';
import { damaged, fromCopy } from './damage.ts';
import { type DocumentRow, openDocumentFiles } from './document-files.ts';
import { checkLevelFiles } from './level-check.ts';

const require = createRequire(import.meta.url);
const page = 500;
const databaseFile = 'documents.db';
/** The folder that keeps the old files unchanged. */
const aside = 'before-sqlite';

const Info = z.object({ update_seq: z.number() });
const ChangeRow = z.object({
  seq: z.number(),
  id: z.string(),
  changes: z.tuple([z.object({ rev: z.string() })]).rest(z.unknown()),
  deleted: z.boolean().optional(),
  doc: z.record(z.string(), z.unknown()),
});
const Changes = z.object({ results: z.array(ChangeRow) });

type Level = { info(): Promise<unknown>; changes(options: object): Promise<unknown>; close(): Promise<void> };

/**
 * Takes over the documents that earlier versions kept in LevelDB through PouchDB, each with its revision and its place
 * in its database's sequence. It reads a copy, because LevelDB changes the files it opens; the old files are set aside
 * once everything is there. Of conflicting versions the winner is kept; indexes and design documents are made anew.
 * Throws `precondition_failed`, and changes nothing, where the old files are damaged.
 */
export async function carryOver(directory: string, log: Logger | undefined): Promise<void> {
  const old = await levelFolders(directory);
  if (old.length === 0) return;
  if (!existsSync(join(directory, databaseFile))) {
    for (const name of old) await checkLevelFiles(join(directory, name));
    const work = join(directory, '.carrying-over');
    await rm(work, { recursive: true, force: true });
    try {
      await mkdir(join(work, 'made'), { recursive: true, mode: 0o700 });
      const names = old.filter((name) => !name.startsWith('pouch__') && !name.includes('-mrview-'));
      const count = await copyInto(directory, work, names);
      for (const made of [`${databaseFile}-commits`, databaseFile]) {
        await rename(join(work, 'made', made), join(directory, made));
      }
      log?.info(
        { documents: count },
        `Documents were carried over to SQLite; the old files are in ${join(directory, aside)}.`,
      );
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  await mkdir(join(directory, aside), { recursive: true, mode: 0o700 });
  for (const name of old) await rename(join(directory, name), join(directory, aside, name));
}

async function levelFolders(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== aside && !entry.name.startsWith('.'));
  const found: string[] = [];
  for (const { name } of folders) {
    const files = await readdir(join(directory, name));
    if (files.some((file) => /^(?:CURRENT|MANIFEST-\d+|\d+\.(?:log|ldb|sst))$/.test(file))) found.push(name);
  }
  return found;
}

async function copyInto(directory: string, work: string, names: readonly string[]): Promise<number> {
  const Pouch = require('pouchdb').defaults({ prefix: `${work}${sep}` });
  const files = openDocumentFiles(join(work, 'made'));
  let count = 0;
  try {
    for (const name of names) {
      await cp(join(directory, name), join(work, name), { recursive: true });
      files.addDatabase(name);
      let level: Level | undefined;
      try {
        level = Pouch(name);
        count += await copyDatabase(level, name, files);
      } catch (error) {
        if (error instanceof NexusError) throw error;
        throw damaged(join(directory, name), 'is damaged and cannot be read', fromCopy(directory), error);
      } finally {
        await level?.close().catch(() => undefined);
      }
      await rm(join(work, name), { recursive: true, force: true });
    }
  } finally {
    files.close();
  }
  return count;
}

async function copyDatabase(level: Level | undefined, name: string, files: ReturnType<typeof openDocumentFiles>) {
  if (!level) return 0;
  const { update_seq: last } = Info.parse(await level.info());
  let count = 0;
  for (let since = 0; ; ) {
    const { results } = Changes.parse(await level.changes({ since, limit: page, include_docs: true }));
    const rows = results.filter(({ id }) => !id.startsWith('_')).map(rowOf);
    files.atomically(() => files.carryOver(files.database(name), rows, last));
    count += rows.length;
    const next = results.at(-1)?.seq;
    if (next === undefined || results.length < page) return count;
    since = next;
  }
}

function rowOf({ seq, id, changes, deleted, doc }: z.infer<typeof ChangeRow>): DocumentRow {
  const own = Object.fromEntries(Object.entries(doc).filter(([name]) => !name.startsWith('_')));
  return { id, rev: changes[0].rev, isDeleted: deleted ?? false, body: JSON.stringify(own), seq };
}
