import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { type StoredObject, storeSmallObjectWith } from '../objects/index.ts';
import type { UploadArtifactInput } from './contract.ts';

/**
 * Stores at most 16 MiB as `artifacts/<name>`. The same bytes again are answered as they are. Throws `conflict` where
 * the name has other bytes, and `too_large`; greater artifacts go through `objects.begin`.
 */
export function uploadArtifact(stores: Stores, actor: Actor, input: UploadArtifactInput): Promise<StoredObject> {
  const artifact = { kind: 'artifact' as const, name: input.name, metadata: input.metadata, ...contentOf(input) };
  return storeSmallObjectWith(stores, actor, artifact, async (tx, object) => {
    await recordAudit(tx, actor, 'artifacts.upload', `object:${object.id}`, { key: object.key });
    return object;
  });
}

function contentOf({ data, bytes, contentType }: UploadArtifactInput): { bytes: Buffer; contentType: string } {
  if (bytes !== undefined) {
    return { bytes: Buffer.from(bytes, 'base64'), contentType: contentType ?? 'application/octet-stream' };
  }
  return typeof data === 'string'
    ? { bytes: Buffer.from(data), contentType: contentType ?? 'text/plain; charset=utf-8' }
    : { bytes: Buffer.from(JSON.stringify(data)), contentType: contentType ?? 'application/json' };
}
