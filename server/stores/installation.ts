import { type SQL, sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Database } from './postgres.ts';
import { rows } from './postgres.ts';

/** An installation's place in a store that it may share with others, as its database remembers it. */
export type Place = {
  id: string;
  /** Leads every name there; empty for the first to come, undefined until the store was reached for the first time. */
  prefix: string | undefined;
  /** Remembers a prefix and answers it, or the one that another server of the installation was faster to settle. */
  settle(prefix: string): Promise<string>;
  /** Other installations have the same names. */
  warnOfOthers(ids: readonly string[]): void;
};

/** The place in a store that no other installation shares. */
export const alone: Pick<Place, 'prefix'> = { prefix: '' };

export type Installation = { objects: Place; documents: Place };

const Row = z.object({ id: z.string(), objects: z.string().nullable(), documents: z.string().nullable() });
const columns = sql`id::text, object_folder as objects, document_prefix as documents`;

/** Reads the installation's row, which the migrations make. */
export async function readInstallation(db: Database, log: Logger): Promise<Installation> {
  const [row] = await rows(db, sql`select ${columns} from installation`, Row);
  if (!row) throw new Error('The table "installation" is empty; migrate the database again.');
  const { id } = row;
  const placeIn = (store: 'objects' | 'documents', column: SQL, what: string): Place => ({
    id,
    prefix: row[store] ?? undefined,
    async settle(prefix) {
      const query = sql`update installation set ${column} = coalesce(${column}, ${prefix}) returning ${columns}`;
      const [settled] = await rows(db, query, Row);
      return settled?.[store] ?? prefix;
    },
    warnOfOthers(others) {
      log.error(
        { installation: id, others },
        `Another installation ${what}, and each may take what is the other’s; give one of them a store of its own (README, "Sharing stores").`,
      );
    },
  });
  return {
    objects: placeIn('objects', sql`object_folder`, 'keeps its objects at the same keys of these buckets'),
    documents: placeIn('documents', sql`document_prefix`, 'keeps its documents in the same databases of this CouchDB'),
  };
}
