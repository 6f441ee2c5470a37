import type { Checkpoint, ModelVersion, StoredObject } from '../generated/api.ts';
import {
  type UploadArtifact,
  type UploadCheckpoint,
  type UploadDataset,
  type UploadLog,
  type UploadModel,
  uploadArtifact,
  uploadCheckpoint,
  uploadDataset,
  uploadLog,
  uploadModel,
} from './named-uploads.ts';
import type { UploadSource } from './open-source.ts';
import { type Api, type UploadFileInput, uploadFile } from './upload-file.ts';

export type {
  DatasetUpload,
  FromSource,
  UploadArtifact,
  UploadCheckpoint,
  UploadDataset,
  UploadLog,
  UploadModel,
} from './named-uploads.ts';
export type { UploadSource } from './open-source.ts';
export type { TransferOptions, UploadFileInput } from './upload-file.ts';

/** Bytes of any size, straight to the object store: in parallel parts, verified, and resumed by the same call again. */
export type Uploads = {
  /**
   * Uploads bytes and answers the ready object. Each part that fails is tried again by itself; the same call after an
   * abort or the death of the process sends only what is missing; bytes that are there already are not sent at all.
   * Throws NexusError as `objects.begin` and `objects.complete` do (`conflict`: the key has other bytes), TransferError
   * where the store fails for good, the signal's reason when aborted.
   */
  file(source: UploadSource, input: UploadFileInput): Promise<StoredObject>;
  /**
   * Adds a version to a model: a JSON document (`modelData`) in one call, or bytes from a `source`, stored as
   * `models/<name>-<the hash's beginning><extension>`.
   */
  model(input: UploadModel): Promise<ModelVersion>;
  /** Keeps a checkpoint of a topology: a JSON document (`checkpointData`) in one call, or bytes from a `source`. */
  checkpoint(input: UploadCheckpoint): Promise<Checkpoint>;
  /** Uploads the files of a dataset, several at a time, and answers their objects in the files' order. */
  dataset(input: UploadDataset): Promise<StoredObject[]>;
  /** Stores a log under its day: text or JSON (`data`) in one call, or bytes from a `source`. */
  log(input: UploadLog): Promise<StoredObject>;
  /** Stores an artifact: text or JSON (`data`) in one call, or bytes from a `source`. */
  artifact(input: UploadArtifact): Promise<StoredObject>;
};

export const uploadsOf = (api: Api): Uploads => ({
  file: (source, input) => uploadFile(api, source, input),
  model: (input) => uploadModel(api, input),
  checkpoint: (input) => uploadCheckpoint(api, input),
  dataset: (input) => uploadDataset(api, input),
  log: (input) => uploadLog(api, input),
  artifact: (input) => uploadArtifact(api, input),
});
