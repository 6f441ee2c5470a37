import { NexusError } from '../../errors.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Stores } from '../../stores/stores.ts';
import { buckets, stagingFolder } from '../objects/index.ts';
import type { Finding } from './contract.ts';
import {
  findReadyRow,
  isUnderWay,
  selectPendingIds,
  selectReadyRows,
  selectRowsAt,
  selectWorkspaces,
  type Workspace,
} from './store.ts';
import { uploadsWithoutRow } from './verify-uploads.ts';

const page = 500;
/** HEAD requests at a time. */
const abreast = 16;

/** Something that looked wrong when it was met, and how to look again. */
export type Suspect = { finding: Finding; isStillSo: () => Promise<boolean> };
export type Suspicion = (suspect: Suspect) => void;

export type ObjectCounts = { objectRows: number; objects: number; objectBytes: number };

/** Batches of server logs, which have no rows: `logs/2026-11-24/server/<instance>-<number>.log`. */
const isServerLog = (bucket: string, key: string) =>
  bucket === 'topology-logs' && /^logs\/\d{4}-\d\d-\d\d\/server\/[0-9a-f-]{36}-\d+\.log$/.test(key);

/** Walks the buckets and the rows of objects, a page at a time, both ways. */
export async function verifyObjects(stores: Stores, suspect: Suspicion): Promise<ObjectCounts> {
  const workspaces = await selectWorkspaces(stores.db);
  const counts: ObjectCounts = { objectRows: 0, objects: 0, objectBytes: 0 };
  for (const bucket of buckets) {
    await walkBucket(stores, bucket, workspaces, counts, suspect);
    for await (const upload of uploadsWithoutRow(stores, bucket)) suspect(upload);
  }
  await walkRows(stores, workspaces, counts, suspect);
  return counts;
}

async function walkBucket(
  stores: Stores,
  bucket: string,
  workspaces: readonly Workspace[],
  counts: ObjectCounts,
  suspect: Suspicion,
): Promise<void> {
  for (let after = ''; ; ) {
    const objects = await stores.objects.listSizes(bucket, after);
    const last = objects.at(-1);
    if (!last) return;
    const unowned = await unownedOf(stores, bucket, objects, workspaces);
    for (const { key, sizeBytes } of objects) {
      counts.objects += 1;
      counts.objectBytes += sizeBytes;
      if (unowned.has(key)) suspect(withoutRow(stores, bucket, key, sizeBytes));
    }
    after = last.key;
  }
}

/** Which of these keys no row has, neither as the place of its bytes nor as that of an upload under way. */
async function unownedOf(
  stores: Stores,
  bucket: string,
  objects: readonly { key: string }[],
  workspaces: readonly Workspace[],
): Promise<Set<string>> {
  const places = objects.flatMap(({ key }) => placesOf(key, workspaces));
  const staged = objects.flatMap(({ key }) => stagedId(key) ?? []);
  const [rows, pending] = await Promise.all([
    selectRowsAt(stores.db, bucket, places),
    selectPendingIds(stores.db, staged),
  ]);
  const owned = new Set(rows.map(({ workspaceId, key }) => `${workspaceId}/${key}`));
  return new Set(
    objects.flatMap(({ key }) => {
      const isOwned =
        placesOf(key, workspaces).some((place) => owned.has(`${place.workspaceId}/${place.key}`)) ||
        pending.has(stagedId(key) ?? '') ||
        isServerLog(bucket, key);
      return isOwned ? [] : key;
    }),
  );
}

const stagedId = (key: string): string | undefined => {
  const id = key.startsWith(stagingFolder) ? key.slice(stagingFolder.length) : '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
};

/** A key below its workspace's prefix; the first workspace has none, so that there may be two ways to read one. */
function placesOf(key: string, workspaces: readonly Workspace[]): { workspaceId: number; key: string }[] {
  const folder = key.slice(0, key.indexOf('/') + 1);
  return workspaces
    .filter(({ prefix }) => prefix === '' || prefix === folder)
    .map(({ id, prefix }) => ({ workspaceId: id, key: key.slice(prefix.length) }));
}

function withoutRow(stores: Stores, bucket: string, key: string, sizeBytes: number): Suspect {
  return {
    finding: {
      problem: 'object_without_row',
      place: bucket,
      key,
      workspaceId: null,
      detail: `${sizeBytes} bytes that no row has.`,
      repair: 'Remove the object.',
    },
    async isStillSo() {
      if (await isUnderWay(stores.db, [`object:${bucket}/${key}`], key)) return false;
      const workspaces = await selectWorkspaces(stores.db);
      if (!(await unownedOf(stores, bucket, [{ key }], workspaces)).has(key)) return false;
      return (await stores.objects.find(bucket, key)) !== undefined;
    },
  };
}

async function walkRows(
  stores: Stores,
  workspaces: readonly Workspace[],
  counts: ObjectCounts,
  suspect: Suspicion,
): Promise<void> {
  const prefixes = new Map(workspaces.map(({ id, prefix }) => [id, prefix]));
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await selectReadyRows(stores.db, after, page);
    const last = rows.at(-1);
    if (!last) return;
    counts.objectRows += rows.length;
    const waiting = [...rows];
    const next = async () => {
      for (let row = waiting.pop(); row; row = waiting.pop()) {
        const key = (prefixes.get(row.workspaceId) ?? '') + row.key;
        const object = { ...row, key };
        const finding = await problemOf(stores, object);
        if (finding) suspect({ finding, isStillSo: () => isStillWrong(stores, object) });
      }
    };
    await Promise.all(Array.from({ length: abreast }, next));
    after = last.id;
  }
}

type ReadyObject = { id: string; workspaceId: number; bucket: string; key: string; sizeBytes: number };

async function problemOf(stores: Stores, object: ReadyObject): Promise<Finding | undefined> {
  const found = await stores.objects.find(object.bucket, object.key);
  if (found?.sizeBytes === object.sizeBytes) return undefined;
  const common = { place: object.bucket, key: object.key, workspaceId: object.workspaceId, repair: null };
  return found
    ? {
        ...common,
        problem: 'object_wrong_size',
        detail: `Object ${object.id} has ${found.sizeBytes} bytes; its row says ${object.sizeBytes}.`,
      }
    : { ...common, problem: 'object_missing', detail: `The bytes of object ${object.id} are not there.` };
}

async function isStillWrong(stores: Stores, object: ReadyObject): Promise<boolean> {
  return (await findReadyRow(stores.db, object.id)) && (await problemOf(stores, object)) !== undefined;
}

/** Removes an object that no row has. A later upload of its key waits for the removal, so that it cannot lose its bytes. */
export async function removeUnowned(stores: Stores, bucket: string, key: string): Promise<boolean> {
  if (!(await withoutRow(stores, bucket, key, 0).isStillSo())) return false;
  const owner = await ownerOf(stores, key);
  await stores.db.transaction(async (tx) => {
    await enqueue(tx, {
      workspaceId: owner,
      createdBy: null,
      kind: 'objects.remove.v1',
      payload: { bucket, keys: [key] },
      entity: `object:${bucket}/${key}`,
    });
  });
  stores.wakeRelay();
  return true;
}

/** The workspace in whose name an unowned object is removed. */
export async function ownerOf(stores: Stores, key: string): Promise<number> {
  const workspaces = await selectWorkspaces(stores.db);
  const owner = placesOf(key, workspaces).at(-1)?.workspaceId ?? workspaces[0]?.id;
  if (owner === undefined) throw new NexusError('precondition_failed', 'There is no workspace; start the server once.');
  return owner;
}
