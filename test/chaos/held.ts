import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Config } from '../../server/config.ts';
import { openStores } from '../../server/stores/addresses.ts';
import { rows } from '../../server/stores/postgres.ts';
import type { Held } from './model.ts';

const page = 1_000;

/** Reads from the stores themselves, with no server between, what the load made. */
export async function readHeld(config: Config, run: string): Promise<Held> {
  await using stores = await openStores(config);
  const { db } = stores.postgres;
  const topologies = await rows(
    db,
    sql`select t.id::float8 as id, t.name, count(m.id)::int as "moduleCount" from topologies t
      left join qlora_modules m on m.topology_id = t.id where starts_with(t.name, ${`t-${run}`}) group by t.id, t.name`,
    z.object({ id: z.number(), name: z.string(), moduleCount: z.number() }),
  );
  const objectRows = await rows(
    db,
    sql`select o.id, o.stored_bucket as bucket, w.object_prefix || o.stored_key as key, o.size_bytes::float8 as "sizeBytes"
      from stored_objects o join workspaces w on w.id = o.workspace_id
      where o.status = 'ready' and starts_with(o.key, ${`artifacts/chaos/${run}`})`,
    z.object({ id: z.string(), bucket: z.string(), key: z.string(), sizeBytes: z.number() }),
  );
  const objects = new Map<string, { rowBytes: number; storedBytes: number | undefined }>();
  for (const { id, bucket, key, sizeBytes } of objectRows) {
    const stat = await stores.objects.find(bucket, key);
    objects.set(id, { rowBytes: sizeBytes, storedBytes: stat?.sizeBytes });
  }
  const ids = async (database: string) => {
    const found: string[] = [];
    for (let startKey = ''; ; ) {
      const documents = await stores.documents.range(database, { startKey, endKey: '\uffff', limit: page });
      found.push(...documents.map(({ _id }) => _id));
      const last = documents.at(-1);
      if (!last || documents.length < page) return found;
      startKey = `${last._id}\u0000`;
    }
  };
  const isOfRun = (id: string) => id.includes(run);
  return {
    topologies,
    objects,
    notes: new Set((await ids('topology_context')).filter(isOfRun)),
    points: new Set(
      (await ids('topology_experiment_metrics')).filter(isOfRun).map((id) => id.slice(id.indexOf(':m:') + 3)),
    ),
  };
}
