import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { NexusError } from '../../errors.ts';
import { damaged, fromCopy } from './damage.ts';
import { loadSqlite } from './sqlite.ts';

export type CheckedDatabase = {
  /** Compiled once for each text. */
  prepare(text: string): StatementSync;
  /** Runs the work in one transaction, whole or not at all. */
  atomically<T>(work: () => T): T;
  close(): void;
};

const State = z.object({ commits: z.number() });
const Integrity = z.object({ integrity_check: z.string() });
/** Wide enough for any count, so that each write covers the one before. */
const markerDigits = 20;

/**
 * Opens an SQLite database of ours, after looking through it. SQLite takes a write-ahead log that breaks off for one that a
 * killed process left, and forgets what stands behind a flipped byte; so the number of commits stands beside the database,
 * in `<file>-commits`, and a database that has fewer has lost some. `check` may throw for what only its caller knows.
 *
 * Throws `precondition_failed` with the file and the way back where it is damaged; the files are as they were then.
 */
export function openCheckedDatabase(file: string, schema: string, check: (db: DatabaseSync) => void): CheckedDatabase {
  const marker = `${file}-commits`;
  const known = readMarker(marker);
  refuseMissing(file, known);
  const { DatabaseSync } = loadSqlite();
  if (existsSync(file) && statSync(file).size > 0) refuseDamaged(file, { marker, known, check });
  else closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file);
  try {
    db.exec('pragma journal_mode = wal; pragma synchronous = normal');
    db.exec(`create table if not exists commits (id integer primary key check (id = 1), commits integer not null);
      insert or ignore into commits values (1, 0); ${schema}`);
    return openFor(db, marker, countOf(db) ?? 0);
  } catch (error) {
    db.close();
    throw error;
  }
}

type Check = { marker: string; known: number | undefined; check: (db: DatabaseSync) => void };

/** Reads only: whoever opens a database to write to it throws away what cannot be read of its log. */
function refuseDamaged(file: string, { marker, known, check }: Check): void {
  const { DatabaseSync } = loadSqlite();
  // A journal is left by a process killed while it made the database; nobody was told of the changes in it.
  const readOnly = !existsSync(`${file}-journal`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly });
    const [result] = db.prepare('pragma integrity_check(1)').all();
    const found = Integrity.parse(result).integrity_check;
    if (found !== 'ok') throw damaged(file, `is damaged (${found.split('\n')[0]})`, fromCopy(dirname(file)));
    const commits = countOf(db);
    if (known !== undefined && (commits ?? 0) < known) {
      throw damaged(
        file,
        `has lost ${known - (commits ?? 0)} of ${known} changes, for it or ${file}-wal is damaged`,
        `${fromCopy(dirname(file))}, or remove ${marker} to go on without them`,
      );
    }
    // One that has no tables yet has nothing to be looked at.
    if (commits !== undefined) check(db);
  } catch (error) {
    throw isDamage(error) ? damaged(file, 'is damaged', fromCopy(dirname(file)), error) : error;
  } finally {
    db?.close();
  }
}

function openFor(db: DatabaseSync, marker: string, commits: number): CheckedDatabase {
  const markerFile = openSync(marker, existsSync(marker) ? 'r+' : 'w', 0o600);
  const mark = (count: number) => {
    try {
      writeSync(markerFile, `${String(count).padStart(markerDigits, '0')}\n`, 0);
    } catch {
      // One that is behind its database is only less watchful.
    }
  };
  mark(commits);
  let last = commits;
  const statements = new Map<string, StatementSync>();
  return {
    prepare(text) {
      const statement = statements.get(text) ?? db.prepare(text);
      statements.set(text, statement);
      return statement;
    },
    atomically(work) {
      db.exec('begin immediate');
      try {
        const result = work();
        db.exec('update commits set commits = commits + 1');
        db.exec('commit');
        last += 1;
        mark(last);
        return result;
      } catch (error) {
        // SQLite has done it already where the disk is full.
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    close() {
      db.close();
      closeSync(markerFile);
    },
  };
}

/** Undefined where nothing was ever counted. */
function countOf(db: DatabaseSync): number | undefined {
  const isThere = db.prepare("select 1 from sqlite_schema where name = 'commits'").get() !== undefined;
  return isThere ? State.optional().parse(db.prepare('select commits from commits').get())?.commits : undefined;
}

function readMarker(marker: string): number | undefined {
  if (!existsSync(marker)) return undefined;
  const text = readFileSync(marker, 'utf8');
  if (/^[0-9]{20}\n$/.test(text)) return Number(text);
  throw damaged(
    marker,
    'is damaged',
    `${fromCopy(dirname(marker))}, or remove it where the database beside it is sound`,
  );
}

function refuseMissing(file: string, known: number | undefined): void {
  const isThere = existsSync(file) && statSync(file).size > 0;
  if (isThere || known === undefined || known === 0) return;
  throw damaged(file, `is missing or empty, but ${known} changes were made to it`, fromCopy(dirname(file)));
}

const SqliteError = z.object({ code: z.literal('ERR_SQLITE_ERROR'), errcode: z.int() });

function sqliteCode(error: unknown): number | undefined {
  const found = SqliteError.safeParse(error);
  // Its extended codes have the plain one in their last byte.
  return found.success ? found.data.errcode & 0xff : undefined;
}

/** SQLITE_CORRUPT or SQLITE_NOTADB. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(sqliteCode(error) ?? 0);

const Failure = z.object({ code: z.string() });
/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN. */
const noRoomCodes = [8, 10, 13, 14];

/** Whether a write failed because the disk is full or takes no writes, or no file can be opened; it may be tried again. */
export function isNoRoom(error: unknown): boolean {
  if (error instanceof NexusError) return error.reason === 'insufficient_storage';
  const code = sqliteCode(error);
  if (code !== undefined) return noRoomCodes.includes(code);
  const found = Failure.safeParse(error);
  return found.success && ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EMFILE', 'ENFILE'].includes(found.data.code);
}
