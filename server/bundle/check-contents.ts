import { z } from 'zod';
import { documentDatabases } from '../features/context/index.ts';
import { buckets } from '../features/objects/index.ts';
import { BundledObject, damaged, linesOf, type Manifest } from './files.ts';

/**
 * A document as an export writes it. CouchDB's own names begin with "_": a design document would bring code, and an attachment
 * bytes that no export has.
 */
const Document = z
  .looseObject({ _id: z.string().regex(/^[^_]/), _rev: z.string().regex(/^[1-9][0-9]{0,8}-[0-9a-f]{1,64}$/) })
  .refine((document) => Object.keys(document).every((name) => !/^_(?!id$|rev$)/.test(name)));

/**
 * Reads all that a restore would hand to CouchDB and the object store, whose checksums say only that it is what somebody wrote.
 * Throws `precondition_failed` for what no export writes, before anything is written.
 */
export async function checkContents(directory: string, manifest: Manifest): Promise<void> {
  for (const [database, count] of Object.entries(manifest.databases)) {
    const path = `documents/${database}.jsonl`;
    if (!Object.hasOwn(documentDatabases, database)) throw damaged(`there is no database ${JSON.stringify(database)}`);
    let found = 0;
    for await (const line of linesOf(directory, path)) {
      found += 1;
      if (!Document.safeParse(parsed(line)).success) {
        throw damaged(`line ${found} of ${path} is no document of an export`);
      }
    }
    if (found !== count) throw damaged(`${path} has ${found} documents; the manifest says ${count}`);
  }
  let at = 0;
  for await (const line of linesOf(directory, 'objects.jsonl')) {
    at += 1;
    const object = BundledObject.safeParse(parsed(line));
    if (!object.success || !buckets.some((bucket) => bucket === object.data.bucket)) {
      throw damaged(`line ${at} of objects.jsonl is no object of an export`);
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
