import { Column, is } from 'drizzle-orm';
import type { PgSession, SelectedFieldsOrdered } from 'drizzle-orm/pg-core';

type Rows = Record<string, unknown>[];

/**
 * Has the rows of plain selects, which join nothing, read by a list of columns that is made once a statement; Drizzle looks
 * up what each cell is anew.
 */
export function readRowsOnce(session: Pick<PgSession, 'prepareQuery'>): void {
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (query, fields, name, isInArrays, mapper, metadata, cache) =>
    prepareQuery(query, fields, name, isInArrays, mapper ?? (fields && rowsOf(fields)), metadata, cache);
}

function rowsOf(fields: SelectedFieldsOrdered): ((rows: unknown[][]) => Rows) | undefined {
  if (fields.some(({ path, field }) => path.length !== 1 || !is(field, Column))) return undefined;
  const cells = fields.map(({ path: [key = ''], field }) => ({ key, decoder: is(field, Column) ? field : undefined }));
  return (rows) =>
    rows.map((row) => {
      const read: Record<string, unknown> = {};
      for (let at = 0; at < cells.length; at += 1) {
        const cell = cells[at];
        const raw = row[at];
        if (cell) read[cell.key] = raw === null || !cell.decoder ? raw : cell.decoder.mapFromDriverValue(raw);
      }
      return read;
    });
}
