import type {
  Checkpoint,
  JsonValue,
  ModelVersion,
  StoredObject,
  UploadArtifactInput,
  UploadCheckpointInput,
  UploadLogInput,
  UploadModelInput,
} from '../generated/api.ts';
import type { TransferProgress } from '../progress.ts';
import { extensionOf, type UploadSource } from './open-source.ts';
import { type Api, type NamedByBytes, type TransferOptions, uploadFile } from './upload-file.ts';

/** Bytes from anywhere, instead of a document in the call itself. */
export type FromSource = TransferOptions & {
  /** A path (in Node), a File or Blob, bytes, or a stream. */
  source: UploadSource;
  /** Where its extension is taken from; a path's or File's own name otherwise. */
  fileName?: string | undefined;
  /** The source's own where it has one, else by the extension. */
  contentType?: string | undefined;
  /** The hash of the whole, lower-case hex, if you know it. */
  sha256?: string | undefined;
};

type Either<Document, Rest> = (Rest & Document & { source?: undefined }) | (Rest & FromSource);

/** A model's version: `modelData` in the call itself, or bytes from a `source`. */
export type UploadModel = Either<
  { modelData: JsonValue } & TransferOptions,
  Omit<UploadModelInput, 'modelData' | 'objectId' | 'requestId'>
>;
/** A checkpoint: `checkpointData` in the call itself, or bytes from a `source`. */
export type UploadCheckpoint = Either<
  { checkpointData: JsonValue } & TransferOptions,
  Omit<UploadCheckpointInput, 'checkpointData' | 'objectId'>
>;
/** A log: `data` in the call itself, text or JSON, or bytes from a `source`. */
export type UploadLog = Either<{ data: JsonValue }, Omit<UploadLogInput, 'data' | 'requestId'>>;
/** An artifact: `data` in the call itself, text or JSON, or bytes from a `source`. */
export type UploadArtifact = Either<{ data: JsonValue }, Omit<UploadArtifactInput, 'data' | 'bytes'>>;

/** One file of a dataset. */
export type DatasetUpload = {
  /** `chunk_001.jsonl`, `train/chunk_001.jsonl`. */
  name: string;
  /** Derived from the extension where it is left out. */
  contentType?: string | undefined;
  /** Any JSON object, kept with the file. */
  metadata?: Record<string, JsonValue> | undefined;
} & ({ source: UploadSource } | { /** A string is stored as text, anything else as JSON. */ data: JsonValue });

/** Files of a dataset, as many as there are. */
export type UploadDataset = Omit<TransferOptions, 'onProgress'> & {
  /** The dataset's name, which is its files' folder. */
  name: string;
  /** Read one after the other as they are sent, so that there may be any number. */
  files: Iterable<DatasetUpload> | AsyncIterable<DatasetUpload>;
  /** How many files travel at a time: 4. */
  fileConcurrency?: number | undefined;
  /** Called for each file by its name, at most ten times a second. */
  onProgress?: ((progress: TransferProgress & { file: string }) => void) | undefined;
};

/** A larger document travels as an object, not inside a call. */
const maxDocumentBytes = 16 * 1024 * 1024;
/** Calls that find what an earlier one has made. */
const repeatable = { context: { isRepeatable: true } };

/** Pages that came without encryption have no `crypto.randomUUID`. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

/**
 * Adds a version to a model: a JSON document in one call, or bytes from a source, stored as
 * `models/<name>-<the hash's beginning><extension>`. Throws as `uploads.file` and `models.upload` do.
 */
export async function uploadModel(api: Api, input: UploadModel): Promise<ModelVersion> {
  const { name, metadata, description, topologyId, moduleId, runId } = input;
  // `requestId` lets a call whose answer was lost be repeated without making a second version.
  const about = { name, metadata, description, topologyId, moduleId, runId, requestId: newUuid() };
  const large = input.source === undefined ? largeDocument(input.modelData, input) : input;
  if (input.source === undefined && !large) {
    return api.models.upload.mutate({ ...about, modelData: input.modelData }, { ...repeatable, signal: input.signal });
  }
  if (!large) throw new TypeError('Give modelData or a source.');
  const object = await uploadFile(api, large.source, {
    ...transferOf(large),
    kind: 'model',
    name: ({ hash, bytes }) => `${name}-${hash.slice(0, 12)}${extensionOf(large.fileName ?? bytes.name ?? '')}`,
  });
  return api.models.upload.mutate({ ...about, objectId: object.id }, { ...repeatable, signal: input.signal });
}

/** Keeps a checkpoint of a topology: a JSON document in one call, or bytes from a source. */
export async function uploadCheckpoint(api: Api, input: UploadCheckpoint): Promise<Checkpoint> {
  const { name, topologyId, step, runId, metadata } = input;
  const about = { name, topologyId, step, runId, metadata };
  const large = input.source === undefined ? largeDocument(input.checkpointData, input) : input;
  if (input.source === undefined && !large) {
    return api.checkpoints.upload.mutate(
      { ...about, checkpointData: input.checkpointData },
      { ...repeatable, signal: input.signal },
    );
  }
  if (!large) throw new TypeError('Give checkpointData or a source.');
  const object = await uploadFile(api, large.source, {
    ...transferOf(large),
    kind: 'checkpoint',
    topologyId,
    name: ({ bytes }) => withExtension(name, large.fileName ?? bytes.name),
  });
  return api.checkpoints.upload.mutate({ ...about, objectId: object.id }, { ...repeatable, signal: input.signal });
}

/** Stores a log under its day: text or JSON in one call, or bytes from a source. */
export async function uploadLog(api: Api, input: UploadLog): Promise<StoredObject> {
  const { name, date } = input;
  if (input.source === undefined) {
    return api.logs.upload.mutate({ name, date, data: input.data, requestId: newUuid() }, repeatable);
  }
  return uploadFile(api, input.source, { ...transferOf(input), kind: 'log', name, date });
}

/** Stores an artifact: text or JSON in one call, or bytes from a source. */
export async function uploadArtifact(api: Api, input: UploadArtifact): Promise<StoredObject> {
  const { name, contentType, metadata } = input;
  if (input.source === undefined) {
    return api.artifacts.upload.mutate({ name, data: input.data, contentType, metadata }, repeatable);
  }
  return uploadFile(api, input.source, { ...transferOf(input), kind: 'artifact', name, metadata });
}

/**
 * Uploads the files of a dataset, several at a time, and answers their objects in the files' order. When one fails, no
 * further one is begun; the same call again sends only what is missing.
 */
export async function uploadDataset(api: Api, input: UploadDataset): Promise<StoredObject[]> {
  const { name: datasetName, files, onProgress, fileConcurrency = 4, ...options } = input;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const queue = Symbol.asyncIterator in files ? files[Symbol.asyncIterator]() : files[Symbol.iterator]();
  const objects: StoredObject[] = [];
  let index = 0;
  // One at a time, or two files of a plain iterator could be given out in the wrong order.
  let turn: Promise<unknown> = Promise.resolve();
  const next = () => {
    const mine = turn.then(async () => ({ result: await queue.next(), at: index++ }));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const work = async () => {
    for (;;) {
      const { result, at } = await next();
      if (result.done) return;
      const file: DatasetUpload = result.value;
      objects[at] = await uploadFile(api, 'source' in file ? file.source : documentOf(file.data), {
        ...options,
        signal,
        onProgress: onProgress && ((progress) => onProgress({ ...progress, file: file.name })),
        kind: 'dataset_file',
        datasetName,
        name: file.name,
        contentType: file.contentType,
        metadata: file.metadata,
      });
    }
  };
  const workers = Array.from({ length: Math.min(16, Math.max(1, fileConcurrency)) }, work);
  try {
    await Promise.all(workers);
    return objects;
  } finally {
    stop.abort(new Error('Another file of the same dataset failed.'));
    await Promise.allSettled(workers);
  }
}

function documentOf(data: JsonValue): Blob {
  return typeof data === 'string' ? new Blob([data]) : new Blob([JSON.stringify(data)], { type: 'application/json' });
}

function largeDocument(document: JsonValue, options: TransferOptions): FromSource | undefined {
  const source = new Blob([JSON.stringify(document)], { type: 'application/json' });
  return source.size > maxDocumentBytes ? { ...options, source, fileName: 'document.json' } : undefined;
}

function transferOf({
  signal,
  onProgress,
  onBegun,
  concurrency,
  retry,
  whenAborted,
  sha256,
  contentType,
}: FromSource): Omit<NamedByBytes, 'name' | 'kind'> {
  return { signal, onProgress, onBegun, concurrency, retry, whenAborted, sha256, contentType };
}

const withExtension = (name: string, fileName = '') => (extensionOf(name) ? name : `${name}${extensionOf(fileName)}`);
