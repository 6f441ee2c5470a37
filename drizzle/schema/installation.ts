import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text, uuid } from 'drizzle-orm/pg-core';

/** One row, which the migration makes: what tells this installation from others that have the same stores. */
export const installation = pgTable(
  'installation',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    id: uuid('id').notNull().defaultRandom(),
    /**
     * Leads every key in the buckets: empty for the installation that had them first, `~<id>/` for others. Null until the
     * object store was reached for the first time; it never changes after that.
     */
    objectFolder: text('object_folder'),
    /** The same of its databases in CouchDB, of which others are called `nexus-<id>-…`. */
    documentPrefix: text('document_prefix'),
  },
  (t) => [
    check('installation_is_one', sql`${t.isOnly}`),
    check('installation_folder', sql`${t.objectFolder} in ('', '~' || ${t.id} || '/')`),
    check('installation_prefix', sql`${t.documentPrefix} in ('', 'nexus-' || ${t.id} || '-')`),
  ],
);
