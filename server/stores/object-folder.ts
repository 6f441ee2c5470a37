import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Database } from './postgres.ts';
import { rows } from './postgres.ts';

/** What an installation's database remembers of its place in the buckets, which it may share with other installations. */
export type Installation = {
  id: string;
  /** Leads every key; undefined until the object store was reached for the first time. */
  folder: string | undefined;
  /** Remembers a folder and answers it, or the one that another server of the installation was faster to settle. */
  settle(folder: string): Promise<string>;
  /** Other installations keep their objects at the same keys. */
  warnOfOthers(ids: readonly string[]): void;
};

const Row = z.object({ id: z.string(), folder: z.string().nullable() });

/** Reads the installation's row, which the migrations make. */
export async function readInstallation(db: Database, log: Logger): Promise<Installation> {
  const [row] = await rows(db, sql`select id::text, object_folder as folder from installation`, Row);
  if (!row) throw new Error('The table "installation" is empty; migrate the database again.');
  return {
    id: row.id,
    folder: row.folder ?? undefined,
    async settle(folder) {
      const query = sql`update installation set object_folder = coalesce(object_folder, ${folder})
        returning id::text, object_folder as folder`;
      const [settled] = await rows(db, query, Row);
      return settled?.folder ?? folder;
    },
    warnOfOthers(ids) {
      log.error(
        { installation: row.id, others: ids },
        'Another installation keeps its objects at the same keys of these buckets, and each may take what is the other’s; give one of them buckets of its own (README, "Sharing buckets").',
      );
    },
  };
}

/** What of the store the choice needs, by whole keys. */
export type WholeKeys = {
  put(bucket: string, key: string): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
  /** The first keys with a prefix, in the order of their bytes. */
  list(bucket: string, prefix: string): Promise<string[]>;
};

/** Begins the keys that are no object's of the root: names of workspaces and folders have no tilde. */
export const foreign = '~';
const claims = '~root/';

/**
 * Chooses an installation's folder: the root of the buckets where nobody has them, else a folder of its own. Whoever wants
 * the root writes a claim before it looks around, so that of several who look at once none takes it for free.
 */
export async function chooseFolder(store: WholeKeys, buckets: readonly string[], id: string): Promise<string> {
  const [first = ''] = buckets;
  await store.put(first, claims + id);
  const isFree = (await othersAtRoot(store, buckets, id)).length === 0 && (await isEmpty(store, buckets));
  if (isFree) return '';
  await store.remove(first, claims + id);
  return `${foreign}${id}/`;
}

async function isEmpty(store: WholeKeys, buckets: readonly string[]): Promise<boolean> {
  for (const bucket of buckets) {
    if ((await store.list(bucket, '')).some((key) => !key.startsWith(foreign))) return false;
  }
  return true;
}

/** Claims the root again at each start, for installations that had it before there were claims; answers who else does. */
export async function claimRoot(store: WholeKeys, buckets: readonly string[], id: string): Promise<string[]> {
  const [first = ''] = buckets;
  await store.put(first, claims + id);
  return othersAtRoot(store, buckets, id);
}

async function othersAtRoot(store: WholeKeys, [first = '']: readonly string[], id: string): Promise<string[]> {
  const ids = (await store.list(first, claims)).map((key) => key.slice(claims.length));
  return ids.filter((one) => one !== id);
}
