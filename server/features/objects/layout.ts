import { invalidInput } from '../../errors.ts';
import type { Bucket, ObjectKind } from './contract.ts';

/** Every bucket, for the start-up to make. */
export const buckets = [
  'topology-models',
  'topology-datasets',
  'topology-logs',
  'topology-artifacts',
] as const satisfies readonly Bucket[];

/** Most bytes in one request: by PUT to the store, or inside a call to this server. */
export const maxSmallBytes = 16 * 1024 * 1024;

const mebibyte = 1024 * 1024;
const maxParts = 10_000;

/** The parts of an object's key that its caller chooses. */
export type ObjectName = {
  kind: ObjectKind;
  name: string;
  datasetName?: string | undefined;
  topologyId?: number | undefined;
  date?: string | undefined;
};

export type ObjectPlace = { bucket: Bucket; key: string };

/** Where an object lies, as the buckets' layout draws it. Throws `invalid_input` where the kind needs more to be known. */
export function placeOf(object: ObjectName): ObjectPlace {
  switch (object.kind) {
    case 'model':
      return { bucket: 'topology-models', key: `models/${object.name}` };
    case 'checkpoint':
      if (object.topologyId === undefined) {
        throw invalidInput('topologyId', 'A checkpoint lies in the folder of its topology; give topologyId.');
      }
      return { bucket: 'topology-models', key: `${checkpointFolder(object.topologyId)}${object.name}` };
    case 'dataset_file':
      if (object.datasetName === undefined) {
        throw invalidInput('datasetName', 'A dataset’s file lies in the folder of its dataset; give datasetName.');
      }
      return { bucket: 'topology-datasets', key: `datasets/${object.datasetName}/${object.name}` };
    case 'log':
      return { bucket: 'topology-logs', key: `logs/${object.date ?? todayInUtc()}/${object.name}` };
    case 'artifact':
      return { bucket: 'topology-artifacts', key: `artifacts/${object.name}` };
  }
}

export const checkpointFolder = (topologyId: number) => `checkpoints/topology-${topologyId}/`;

export const todayInUtc = () => new Date().toISOString().slice(0, 10);

/** Leads every staging key, in any workspace: no workspace may have this name. */
export const stagingFolder = 'uploads/';

/** Where a single PUT arrives: a presigned PUT outlives `complete`, and must not reach an object that is ready. */
export const stagingKeyOf = (id: string) => `${stagingFolder}${id}`;

/** A place of an object's own, for where the bytes of another still lie at its key. */
export const spareKeyOf = (key: string, id: string) => `${key.slice(0, key.indexOf('/'))}/~${id}`;

/** Refuses a key that the store would refuse. */
export function refuseLongKey(physicalKey: string, maxKeyBytes: number): void {
  const bytes = Buffer.byteLength(physicalKey);
  if (bytes > maxKeyBytes) {
    throw invalidInput(
      'name',
      `The object’s key has ${bytes} bytes of UTF-8; at most ${maxKeyBytes} are possible. Use a shorter name.`,
    );
  }
}

/** Whole mebibytes, 16 at least, so that the greatest object fits in 10,000 parts; null for an object of one PUT. */
export function partSizeOf(sizeBytes: number): number | null {
  if (sizeBytes <= maxSmallBytes) return null;
  return Math.max(16, Math.ceil(sizeBytes / maxParts / mebibyte)) * mebibyte;
}

/** Whether `complete` reads what is in an object of this key: a safetensors header, or a PEFT adapter's config. */
export const hasContents = (key: string) => key.endsWith('.safetensors') || /(^|\/)adapter_config\.json$/.test(key);
