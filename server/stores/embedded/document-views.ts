import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { DatabaseDesigns } from '../documents.ts';
import { CouchRefusal } from './couch-refusal.ts';
import { type Database, type DocumentFiles, type DocumentRow, lastKey, viewSum } from './document-files.ts';
import { sortableKey } from './view-keys.ts';

const View = z.object({ id: z.number(), map: z.string(), seq: z.number() });
const Design = z.looseObject({
  language: z.literal('javascript').optional(),
  views: z.record(z.string(), z.strictObject({ map: z.string() })),
});
/** Any other field of a design document would be code that CouchDB runs. */
const designFields = ['_id', 'language', 'views'];
const ViewRow = z.object({ id: z.string(), key: z.string(), value: z.string(), body: z.string(), rev: z.string() });
export type FoundRow = z.infer<typeof ViewRow>;

type Emitted = readonly [key: unknown, value: unknown];
type MapFunction = (document: unknown) => Emitted[];

/** Documents that a view takes in before others have their turn. */
const step = 500;

/** How the keys of a view's rows bound what is asked; `undefined` bounds nothing. */
export type ViewRange = { start: unknown; end: unknown; isDescending: boolean; limit: number };

/**
 * Views whose rows are kept with each document that is written, so that a list is read even where nothing can be written.
 * It runs the maps that `know` was told of, by their text, and no other text at all.
 */
export function openViews(files: DocumentFiles) {
  const { prepare } = files;
  const maps = new Map<string, MapFunction>();

  const take = (view: z.infer<typeof View>, map: MapFunction, row: DocumentRow) => {
    // Named, for without figures of the table SQLite would look through all rows of the view.
    prepare('delete from view_rows indexed by view_rows_by_document where view = ? and document = ?').run(
      view.id,
      row.id,
    );
    if (!row.isDeleted) {
      for (const [place, [emittedKey, emittedValue]] of emitted(map, row).entries()) {
        const sorts = sortableKey(emittedKey);
        const [key, value] = [JSON.stringify(emittedKey ?? null), JSON.stringify(emittedValue ?? null)];
        const sum = viewSum({ view: view.id, sorts: sorts.toString('hex'), document: row.id, key, value });
        prepare('insert into view_rows values (?, ?, ?, ?, ?, ?, ?)').run(
          view.id,
          sorts,
          row.id,
          place,
          key,
          value,
          sum,
        );
      }
    }
    prepare('update views set seq = ? where id = ?').run(row.seq, view.id);
  };
  files.tellOfWrites((database, row, sequenceBefore) => {
    for (const found of prepare('select id, map, seq from views where database = ?').all(database.id)) {
      const view = View.parse(found);
      const map = maps.get(view.map);
      // One that is behind comes by itself, in order, when it is asked.
      if (map && view.seq >= sequenceBefore) take(view, map, row);
    }
  });

  const find = (database: Database, design: string, name: string) => {
    const row = prepare('select id, map, seq from views where database = ? and design = ? and name = ?').get(
      database.id,
      design,
      name,
    );
    if (row) return View.parse(row);
    throw new CouchRefusal(404, 'not_found', 'missing');
  };

  /** Takes in what was written while its map was not known. */
  const catchUp = async (name: string, design: string, view: string): Promise<z.infer<typeof View>> => {
    for (;;) {
      const database = files.database(name);
      const found = find(database, design, view);
      const map = maps.get(found.map);
      if (!map) throw new CouchRefusal(404, 'not_found', 'missing');
      if (found.seq >= database.last_seq) return found;
      const rows = files.changes(database, found.seq, step);
      files.atomically(() => {
        for (const row of rows) take(found, map, row);
        if (rows.length < step) prepare('update views set seq = ? where id = ?').run(database.last_seq, found.id);
      });
      await nextTurn();
    }
  };

  return {
    /** Hands over the maps that may run: texts of this program. */
    know(designs: DatabaseDesigns) {
      for (const views of Object.values(designs).flatMap((one) => Object.values(one))) {
        for (const text of Object.values(views)) if (!maps.has(text)) maps.set(text, compile(text));
      }
    },
    /** Refuses every design document but those whose views are all known. */
    async putDesign(name: string, design: string, given: unknown): Promise<void> {
      const database = files.database(name);
      const parsed = Design.safeParse(given);
      const isOurs =
        parsed.success &&
        Object.keys(parsed.data).every((field) => designFields.includes(field)) &&
        Object.values(parsed.data.views).every(({ map }) => maps.has(map));
      if (!isOurs) throw new CouchRefusal(403, 'forbidden', 'This server runs the views of its own program alone.');
      if (findDesign(files, database, design) !== undefined) {
        throw new CouchRefusal(409, 'conflict', 'Document update conflict.');
      }
      files.atomically(() => {
        prepare('insert into designs values (?, ?, ?)').run(database.id, design, JSON.stringify(parsed.data));
        for (const [view, { map }] of Object.entries(parsed.data.views)) {
          prepare('insert into views (database, design, name, map, seq) values (?, ?, ?, ?, 0)').run(
            database.id,
            design,
            view,
            map,
          );
        }
      });
      for (const view of Object.keys(parsed.data.views)) await catchUp(name, design, view);
    },
    async rows(name: string, design: string, view: string, range: ViewRange): Promise<FoundRow[]> {
      const { id } = await catchUp(name, design, view);
      const database = files.database(name);
      const [low, high] = range.isDescending ? [range.end, range.start] : [range.start, range.end];
      const direction = range.isDescending ? 'desc' : 'asc';
      return prepare(
        `select d.id, v.key, v.value, d.body, d.rev from view_rows v
           join documents d on d.database = ? and d.id = v.document
           where v.view = ? and v.sorts >= ? and v.sorts <= ?
           order by v.sorts ${direction}, v.document ${direction}, v.place ${direction} limit ?`,
      )
        .all(
          database.id,
          id,
          low === undefined ? Buffer.of() : sortableKey(low),
          high === undefined ? lastKey : sortableKey(high),
          range.limit,
        )
        .map((row) => ViewRow.parse(row));
    },
  };
}

const Stored = z.object({ body: z.string() });

/** A design document as JSON. */
export function findDesign(files: DocumentFiles, database: Database, design: string): string | undefined {
  const row = files.prepare('select body from designs where database = ? and name = ?').get(database.id, design);
  return row && Stored.parse(row).body;
}

/**
 * The function of a map. CouchDB is sent maps as text, so that this text is the only form that they have; it is a constant of
 * this program, and nothing that was sent or stored comes here.
 */
function compile(text: string): MapFunction {
  let found: Emitted[] = [];
  const emit = (key: unknown, value: unknown) => {
    found.push([key, value]);
  };
  const map: unknown = new Function('emit', `return (${text});`)(emit);
  if (typeof map !== 'function') throw new Error('A map is no function.');
  return (document) => {
    found = [];
    map(document);
    return found;
  };
}

/** None where the map throws, as with CouchDB. */
function emitted(map: MapFunction, { id, rev, body }: DocumentRow): Emitted[] {
  try {
    return map({ ...JSON.parse(body), _id: id, _rev: rev });
  } catch {
    return [];
  }
}
