import type nano from 'nano';
import { z } from 'zod';
import { NexusError } from '../errors.ts';
import type { alone, Place } from './installation.ts';

/** CouchDB, by whole names. */
type Couch = {
  ask: <T>(options: nano.RequestOptions, answer: z.ZodType<T>) => Promise<T>;
  ensureDatabase(whole: string): Promise<void>;
};

/** Names of an installation's databases in a CouchDB that it may share. */
export type DocumentNames = {
  /** The whole name of one of them. Throws `unavailable` until it is settled. */
  named(database: string): string;
  /** Settles what leads their names; to be called at each start. */
  settle(databases: readonly string[]): Promise<void>;
};

/** Says who has the plain names, in a document of the one database that installations share. */
const claims = { db: 'topology_installation', doc: 'plain_names' };
const Claim = z.object({ _rev: z.string(), installation: z.string() });
const Listed = z.object({ rows: z.array(z.object({ id: z.string() })) });
/** No database has more of them. */
const maxDesigns = 100;

export function namesIn(place: Place | typeof alone, { ask, ensureDatabase }: Couch): DocumentNames {
  let { prefix } = place;

  /** Takes the plain names for an installation, or answers which one has them already. */
  const claim = async (id: string): Promise<string> => {
    await ensureDatabase(claims.db);
    try {
      await ask({ ...claims, method: 'PUT', body: { installation: id } }, z.unknown());
      return id;
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'conflict')) throw error;
      return (await ask(claims, Claim)).installation;
    }
  };

  const release = async (id: string): Promise<void> => {
    const { _rev: rev, installation } = await ask(claims, Claim);
    if (installation === id) await ask({ ...claims, method: 'DELETE', qs: { rev } }, z.unknown());
  };

  const isEmpty = async (db: string): Promise<boolean> => {
    try {
      const { rows } = await ask({ db, path: '_all_docs', qs: { limit: maxDesigns + 1 } }, Listed);
      return rows.every(({ id }) => id.startsWith('_design/'));
    } catch (error) {
      if (error instanceof NexusError && error.reason === 'not_found') return true;
      throw error;
    }
  };

  /**
   * Nothing where nobody has the plain names, else the installation's own id. Whoever wants them claims them before it looks
   * around: of several at once one gets the claim.
   */
  const choose = async (id: string, databases: readonly string[]): Promise<string> => {
    if ((await claim(id)) === id) {
      if ((await Promise.all(databases.map(isEmpty))).every(Boolean)) return '';
      await release(id);
    }
    return `nexus-${id}-`;
  };

  return {
    named(database) {
      if (prefix !== undefined) return prefix + database;
      throw new NexusError(
        'unavailable',
        'CouchDB has not been reached since the first start, which settles where in it documents lie; try again shortly.',
        { details: { store: 'documents', isUnsettled: true } },
      );
    },
    async settle(databases) {
      if (!('settle' in place)) return;
      prefix ??= await place.settle(await choose(place.id, databases));
      if (prefix !== '') return;
      // At each start, for installations that had the plain names before there were claims.
      const owner = await claim(place.id);
      if (owner !== place.id) place.warnOfOthers([owner]);
    },
  };
}
