import { enqueue } from '../../outbox/enqueue.ts';
import type { UploadPage } from '../../stores/objects.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Finding } from './contract.ts';
import { isUnderWay, selectPendingUploads } from './store.ts';

/** Multipart uploads of a bucket that no pending row has, as the store lists them, a page at a time. */
export async function* uploadsWithoutRow(
  stores: Stores,
  bucket: string,
): AsyncGenerator<{ finding: Finding; isStillSo: () => Promise<boolean> }> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { uploads, nextAfter }: UploadPage = await stores.objects.listAllUploads(bucket, after);
    const owned = await selectPendingUploads(
      stores.db,
      uploads.map(({ uploadId }) => uploadId),
    );
    for (const { key, uploadId } of uploads) {
      if (owned.has(uploadId)) continue;
      yield {
        finding: {
          problem: 'upload_without_row',
          place: bucket,
          key,
          workspaceId: null,
          detail: `The parts of the multipart upload ${uploadId} are nobody's.`,
          repair: 'Abort the upload.',
        },
        isStillSo: async () => (await unownedUploads(stores, bucket, key)).includes(uploadId),
      };
    }
    after = nextAfter;
  }
}

/** Uploads of one key that no row owns; none while an effect of the key is pending. */
async function unownedUploads(stores: Stores, bucket: string, key: string): Promise<string[]> {
  if (await isUnderWay(stores.db, [`object:${bucket}/${key}`], key)) return [];
  // The rows after the store: an upload that is begun comes to its row last.
  const uploadIds = await stores.objects.listUploads(bucket, key);
  const owned = await selectPendingUploads(stores.db, uploadIds);
  return uploadIds.filter((uploadId) => !owned.has(uploadId));
}

/** Aborts what no row has of a key's multipart uploads. Answers whether there was any. */
export async function abortUnowned(stores: Stores, workspaceId: number, bucket: string, key: string): Promise<boolean> {
  const uploadIds = await unownedUploads(stores, bucket, key);
  await stores.db.transaction(async (tx) => {
    for (const uploadId of uploadIds) {
      const entity = `object:${bucket}/${key}`;
      const decided = { workspaceId, createdBy: null, entity, payload: { bucket, key, uploadId } };
      await enqueue(tx, { ...decided, kind: 'objects.abort-upload.v1' });
    }
  });
  stores.wakeRelay();
  return uploadIds.length > 0;
}
