// Generated from the server's contracts by `npm run generate`. Do not edit.
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';
import type { NexusErrorShape } from '../errors.ts';

/** Any JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** What a subscription yields: the item, and the id from which a client that comes back goes on. */
export type Tracked<Item> = { id: string; data: Item };

export type AcceptInvitationInput = {
  /** As it was handed over: `invite_…`. */
  token: string;
  /** Of a new person; the address where it is left out. */
  username?: string | undefined;
  /** At least 10 characters. Without one, only OIDC lets a new person sign in. */
  password?: string | undefined;
};

export type AcceptedInvitation = {
  userId: number;
  workspace: {
    id: number;
    name: string;
  };
  role: Role;
  /** false: the person keeps signing in as before. */
  isPasswordSet: boolean;
};

/** A program’s credential, without its secret. */
export type AccessToken = {
  id: string;
  name: string;
  scope: TokenScope;
  userId: number;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** Written at most every 30 s. */
  lastUsedAt: Date | null;
  createdAt: Date;
  createdBy: number | null;
};

/** What a PEFT adapter_config.json says. */
export type AdapterConfigContents = {
  format: "peft-adapter-config";
  peftType: string;
  rank: number | null;
  alpha: number | null;
  dropout: number | null;
  /** null: a pattern, or the library’s own choice. */
  targetModules: string[] | null;
  /** Where the layers are named by a regular expression. */
  targetPattern: string | null;
  baseModel: string | null;
  /** Ranks that `rank_pattern` gives to some layers. */
  otherRanks: number[];
};

export type AddAnnotationInput = {
  /** 123, "123" or "topology-123"; a document by its id. It must be in the workspace. */
  targetId: number | string;
  targetType: TargetType;
  annotation: string;
  tags?: string[] | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

export type AddChunkInput = {
  /** The text, up to 100,000 characters. */
  content: string;
  /** May be left out where the server makes embeddings of its own. */
  embedding?: Float32Array | number[] | string | undefined;
  /** Any JSON object; searches may filter by it. */
  metadata?: { [key: string]: JsonValue } | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

export type AddContextInput = {
  /** Such as `training_note`. */
  type: string;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data: JsonValue;
  /** The topology that it is about: 123, "123" or "topology-123". */
  topologyId?: number | string | null | undefined;
  /** priority, author, tags … up to 64 KB; `author` and `tags` are searched too. */
  metadata?: { [key: string]: JsonValue } | undefined;
  /** An id of your own makes it safe to send the same document again. */
  id?: string | undefined;
};

export type AddManyChunksInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** 1 to 2,000 chunks; all of them go in, or none. */
  chunks: NewChunk[];
};

export type AddManyChunksResult = {
  /** One a chunk, in the order given. */
  chunks: Array<{
    id: number;
    /** false: the dataset had this text already. */
    isNew: boolean;
  }>;
  newCount: number;
};

export type AddManyContextInput = {
  /** 1 to 5,000 documents as `add` takes them; a bad one is refused alone. */
  documents: AddContextInput[];
};

export type AddManyContextResult = {
  /** One a document, in the order given. */
  results: AddedContext[];
};

export type AddedChunk = {
  id: number;
  datasetId: number;
  content: string;
  metadata: FreeJson;
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
  /** false: the dataset had this text already, which stays as it was. */
  isNew: boolean;
};

/** What became of one document. */
export type AddedContext = {
  /** exists: the same document was there already under this id. */
  status: "added" | "exists" | "refused";
  /** null: refused, and it named no id. */
  id: string | null;
  /** Why it was refused. */
  reason?: string | undefined;
};

/** A remark on a topology, a run, a document … */
export type Annotation = {
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** "topology-123" for the topology 123, and so on; a text as given. */
  targetId: string;
  targetType: TargetType;
  annotation: string;
  tags: string[];
  timestamp: Date;
  createdBy: number | null;
};

export type AnnotationInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

export type AnnotationPage = {
  items: Annotation[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** What an annotation is or was. */
export type AnnotationVersion = {
  /** null: it was deleted. */
  rev: string | null;
  /** When it became so. */
  at: Date;
  /** The user who made it so; null: another program. */
  by: number | null;
  /** null: it was deleted. */
  item: Annotation | null;
};

export type AnnotationVersionPage = {
  items: AnnotationVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type AttachAdapterInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  /** A ready `*.safetensors` object with LoRA pairs. */
  weightsObjectId: string;
  /** The ready `adapter_config.json` object that PEFT saved beside it. */
  configObjectId: string;
};

/** Who did what to what, when, from where and with which token. */
export type AuditEntry = {
  id: number;
  at: Date;
  /** Who; null: the server itself. */
  userId: number | null;
  /** The procedure: `topologies.create`. */
  action: string;
  /** What it was done to: `topology:123`. */
  target: string;
  /** With which token; null where a person was signed in. */
  tokenId: string | null;
  /** From where. */
  address: string | null;
  details: FreeJson;
};

export type AuditPage = {
  items: AuditEntry[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type BeginUploadInput = {
  kind: "model" | "checkpoint" | "dataset_file" | "log" | "artifact";
  /** The end of the key: `trained.safetensors`, `2024/chunk_001.jsonl`. */
  name: string;
  /** Of the whole object, up to 5 TiB. */
  sizeBytes: number;
  /** Of the whole object. Above 16 MiB it may be left out where `partSha256s` is given; where it is not, `complete` reads the object once to check it. */
  sha256?: string | undefined;
  /** Of an object above 16 MiB: the SHA-256 of each part, in order. Where the store checks checksums, each part is then checked as it arrives, and `complete` reads nothing where they alone are given. Parts have 16 MiB, or for more than 10,000 of those the least whole number of MiB that makes 10,000. */
  partSha256s?: string[] | undefined;
  contentType?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
  /** For a `dataset_file`: the folder, which is the dataset’s name. */
  datasetName?: string | undefined;
  /** For a `checkpoint`: its topology. */
  topologyId?: number | string | undefined;
  /** For a `log`: its day, YYYY-MM-DD; today in UTC where it is left out. */
  date?: string | undefined;
};

export type BegunUpload = {
  object: StoredObject;
  /** null: these bytes are there already, and nothing is to be sent. */
  upload: SinglePut | PartUpload | null;
  /** When the URLs stop working. */
  expiresAt: Date | null;
};

/** The state of a topology’s training at a step. */
export type Checkpoint = {
  id: number;
  name: string;
  topologyId: number;
  runId: number | null;
  step: number | null;
  /** The key of its bytes in the bucket: `checkpoints/topology-123/epoch-5.json`. */
  path: string;
  bucket: string;
  /** Of a stored object. */
  objectId: string;
  sizeBytes: number;
  /** Of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` tells its bytes. */
  sha256: string | null;
  /** Of an object above 16 MiB: the SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each; null for another. */
  partsSha256: string | null;
  contentType: string;
  metadata: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

export type CheckpointInput = {
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  id: number | string;
};

export type CheckpointPage = {
  items: Checkpoint[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A piece of text. Its embedding is kept beside it, and given where it is asked for. */
export type Chunk = {
  id: number;
  datasetId: number;
  content: string;
  metadata: FreeJson;
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
};

/** A chunk that a search found. */
export type ChunkHit = {
  chunk: Chunk;
  /** Greater is nearer: cosine similarity (-1 to 1), rank of the words (0 to 1), or, for both, 1 / (60 + place) summed. */
  score: number;
  /** Cosine similarity, -1 to 1; null where only text was given. */
  similarity: number | null;
  /** Passages with the words found between « and »; null where they are not in it. Plain text: escape it. */
  highlight: string | null;
};

export type ChunkHits = {
  items: ChunkHit[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
  /** false: a limit stopped the search, and nearer chunks may be missing. */
  complete: boolean;
  /** Candidates that the index looked at; null: every chunk was compared, or only words were asked for. */
  efSearch: number | null;
};

export type ChunkInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A chunk's id: 123, "123" or "chunk-123". */
  id: number | string;
};

export type ChunkPage = {
  items: Chunk[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A piece of text with its embedding. */
export type ChunkWithEmbedding = {
  id: number;
  datasetId: number;
  content: string;
  metadata: FreeJson;
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
  /** 384 floats. */
  embedding: Float32Array;
};

export type CompareInput = {
  runIds: Array<number | string>;
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1. */
  fromStep?: number | undefined;
  /** Itself included. */
  toStep?: number | undefined;
  /** At most so many parts of equal width, 1 to 500. */
  parts?: number | undefined;
};

export type ComparedRun = {
  runId: number;
  name: string;
  /** Points of the whole series; 0 where the run has no such series. */
  count: number;
  /** Those that have points, in the order of their steps. */
  parts: CurvePart[];
};

/** Curves of several runs, aligned by their steps. */
export type Comparison = {
  key: string;
  /** Where the first part begins. */
  fromStep: number;
  /** How many steps wide each part is; the same parts for every run. */
  partSteps: number;
  /** In the order asked for. */
  runs: ComparedRun[];
};

export type CompleteExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** What came out, any JSON object up to 1 MB. */
  results: { [key: string]: JsonValue };
  status?: "completed" | "failed" | undefined;
};

/** A note, a measurement or any other engineering context. */
export type ContextDocument = {
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  type: string;
  /** Text or any JSON, as given. */
  data: JsonValue;
  topologyId: number | null;
  /** priority, author, tags …, as given. */
  metadata: { [key: string]: JsonValue };
  timestamp: Date;
  /** The user who wrote it; null: another program. */
  createdBy: number | null;
};

/** A document that a search found. */
export type ContextHit = {
  document: ContextDocument;
  /** 0 to 1; greater is nearer. By both, the rankings fused by reciprocal ranks. */
  score: number;
  /** Up to two passages with the words found between « and »; the beginning where none is. Plain text: escape it before showing it. */
  highlight: string;
};

export type ContextHitPage = {
  items: ContextHit[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type ContextInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** A context document that was added, changed or deleted. */
export type ContextNews = {
  id: string;
  /** null: it was deleted. */
  document: ContextDocument | null;
};

export type ContextPage = {
  items: ContextDocument[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** What a context document is or was. */
export type ContextVersion = {
  /** null: it was deleted. */
  rev: string | null;
  /** When it became so. */
  at: Date;
  /** The user who made it so; null: another program. */
  by: number | null;
  /** null: it was deleted. */
  item: ContextDocument | null;
};

export type ContextVersionPage = {
  items: ContextVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type CreateDatasetInput = {
  /** Unique in the workspace; the folder of its files. */
  name: string;
  description?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

export type CreateExperimentInput = {
  name: string;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** What is tried, any JSON object up to 256 KB. */
  parameters?: { [key: string]: JsonValue } | undefined;
  description?: string | undefined;
};

export type CreateInvitationInput = {
  email: string;
  /** What a member may do. */
  role?: Role | undefined;
  /** Whether the person is to administer the installation (admins only). */
  makesAdmin?: boolean | undefined;
  /** How long it holds. */
  days?: number | undefined;
};

export type CreateModuleInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  name: string;
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. */
  targetModules?: string[] | undefined;
  baseModel?: string | null | undefined;
  /** Any JSON object, kept as given. */
  config?: FreeJson | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

export type CreateSessionInput = {
  /** Yourself; an owner or an admin may name another member. */
  userId?: number | string | undefined;
  /** Such as `model_development`. */
  sessionType: string;
  /** Any JSON object, up to 64 KB. */
  metadata?: { [key: string]: JsonValue } | undefined;
};

export type CreateTokenInput = {
  name: string;
  /** read: viewer at most; write: editor at most; admin: all that its user may. */
  scope?: TokenScope | undefined;
  /** Whose token; yourself where it is left out. */
  userId?: number | string | undefined;
  /** When it ends; never where it is left out. */
  expiresAt?: Date | undefined;
};

export type CreateTopologyInput = {
  name: string;
  description?: string | undefined;
  /** Such as `transformer` or `graph-network`. */
  architecture: string;
  /** layers 1-50, dimensions 64-4096, attention_heads 1-32; any other JSON is kept as given. */
  config?: TopologyConfig | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
  /** Modules of the topology; all of them are made with it, or nothing is. */
  modules?: NewModule[] | undefined;
  /** Context documents about it, which reach CouchDB right after the answer, or when it is back. */
  context?: NewContext[] | undefined;
  /** Answer when the documents are in CouchDB, or after 5 s; `effects` says which. */
  awaitEffects?: boolean | undefined;
};

export type CreateUserInput = {
  username: string;
  email: string;
  /** What a member may do. */
  role?: Role | undefined;
};

export type CreateWorkspaceInput = {
  /** Its objects’ keys begin with it. */
  name: string;
};

/** A topology with what was made together with it. */
export type CreatedTopology = {
  id: number;
  name: string;
  description: string;
  architecture: string;
  config: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** In the order given. */
  modules: QloraModule[];
  /** Ids of the context documents, in the order given. */
  contextIds: string[];
  /** pending: some of the documents are on their way to CouchDB; they will get there. */
  effects: "done" | "pending";
};

/** Whose token this is, and for which workspace. */
export type CurrentUser = {
  id: number;
  username: string;
  email: string;
  role: Role;
  /** Whether this person administers the installation. */
  isAdmin: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  workspace: {
    id: number;
    name: string;
  };
};

/** A range of a series, all of it or downsampled; every point is one that was logged. */
export type Curve = {
  runId: number;
  key: string;
  /** Points of the whole series. */
  count: number;
  /** false: these are all points of the range. */
  isSampled: boolean;
  /** In the order of their steps; of a sampled range its first and last, and the least and greatest of each part. */
  points: CurvePoint[];
};

/** What the points of one part of a curve come to. */
export type CurvePart = {
  /** From 0; it begins at `fromStep` + part * `partSteps`. */
  part: number;
  /** Points in it. */
  count: number;
  /** Of the finite values; null where there is none. */
  mean: number | null;
  min: number | null;
  max: number | null;
};

/** A point as it was logged. */
export type CurvePoint = {
  step: number;
  value: number;
  time: Date;
};

/** A named collection of files and of embedded text chunks. */
export type Dataset = {
  id: number;
  /** Unique in the workspace; the folder of its files. */
  name: string;
  description: string;
  metadata: FreeJson;
  /** Text chunks in it. */
  chunkCount: number;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A small file that travels inside the call. */
export type DatasetFile = {
  /** The path below the dataset’s folder: `chunk_001.jsonl`. */
  name: string;
  /** A string is stored as text, anything else as JSON. */
  data: JsonValue;
  /** The media type, such as `application/x-ndjson`. */
  type?: string | undefined;
};

/** The reading of an uploaded file into a dataset, and, when it is done, a version of the dataset. */
export type DatasetIngest = {
  id: number;
  datasetId: number;
  /** Of a stored object. */
  objectId: string;
  objectKey: string;
  /** Of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` tells its bytes. */
  objectSha256: string | null;
  /** Of an object above 16 MiB: the SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each; null for another. */
  objectPartsSha256: string | null;
  status: "running" | "done" | "failed";
  /** Of the file as it is stored. */
  sizeBytes: number;
  bytesRead: number;
  /** Lines that are in the dataset, or refused. */
  lineCount: number;
  /** Chunks that the dataset had not. */
  newCount: number;
  /** Lines that are no chunk; `refusals` says why. */
  refusedCount: number;
  /** Why it failed. What was read before stays in the dataset. */
  error: string | null;
  /** 1, 2, 3 … of the dataset, once it is done. */
  version: number | null;
  /** Different texts that were in the file, once it is done. */
  chunkCount: number | null;
  /** SHA-256 over the sorted SHA-256s of its texts: equal where two versions hold the same. */
  contentSha256: string | null;
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

export type DatasetIngestPage = {
  items: DatasetIngest[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type DatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  id: number | string;
};

export type DatasetPage = {
  items: Dataset[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** How much of the truth a search of a dataset finds, and how fast. */
export type DatasetRecall = {
  id: number;
  datasetId: number;
  k: number;
  /** Candidates that the index looked at. */
  efSearch: number;
  /** Of the nearest k by comparing every vector, the share that the index found, 0 to 1. */
  recall: number;
  /** Queries that were asked. */
  sampleCount: number;
  /** Chunks that the dataset had. */
  chunkCount: number;
  /** Of a search by the index, in the server. */
  medianMs: number;
  p95Ms: number;
  /** Of comparing every vector. */
  exactMedianMs: number;
  createdAt: Date;
};

export type DatasetRecalls = {
  /** Newest first, the latest 100. */
  items: DatasetRecall[];
};

export type DeleteCheckpointInput = {
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteModelInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteModelVersionInput = {
  /** The model’s id or its name. */
  id: number | string;
  version: number;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteObjectInput = {
  /** Of a stored object. */
  id: string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

export type DeleteTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. */
  dryRun?: boolean | undefined;
};

/** What a deletion takes with it. */
export type Deletion = {
  id: number | string;
  /** true: nothing was deleted. */
  dryRun: boolean;
  /** Rows that go, by table. */
  rows: Array<{
    table: string;
    rowCount: number;
  }>;
  /** Objects that go from the object store, right after the rows. */
  objectCount: number;
  /** Their bytes; those that something else shares stay. */
  objectBytes: number;
  /** Notes, annotations and experiments that go, with their metrics and histories, which are not counted; null where there are none to look for, and where it was no dry run. */
  documentCount: number | null;
};

export type DocumentHistoryInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** What was changed. */
export type Done = {
  id: number | string;
};

export type DownloadModelInput = {
  name?: string | undefined;
  /** Instead of name. */
  id?: number | string | undefined;
  /** The latest where neither this nor alias is given. */
  version?: number | undefined;
  /** Instead of version: the one that has this alias. */
  alias?: string | undefined;
  /** How long the URL works, up to seven days. */
  expirySeconds?: number | undefined;
  /** The name under which a browser saves it. */
  fileName?: string | undefined;
};

export type DownloadedModel = {
  modelId: number;
  name: string;
  /** 1, 2, 3 …; a number is never given twice. */
  version: number;
  /** The key of its bytes in the bucket: `models/my-model-v1.json`. */
  path: string;
  bucket: string;
  /** Of a stored object. */
  objectId: string;
  sizeBytes: number;
  /** Of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` tells its bytes. */
  sha256: string | null;
  /** Of an object above 16 MiB: the SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each; null for another. */
  partsSha256: string | null;
  contentType: string;
  metadata: FreeJson;
  topologyId: number | null;
  moduleId: number | null;
  runId: number | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** The document of a JSON model up to 16 MiB, otherwise null; then read the URL. */
  modelData: JsonValue;
  /** Reads the bytes without a credential. */
  url: string;
  /** When the URL stops working. */
  expiresAt: Date;
};

/** A decided change of another store that is not yet done. */
export type Effect = {
  id: number;
  workspaceId: number;
  /** What is to be done, with its version: `objects.remove.v1`. */
  kind: string;
  /** What it is done to. Effects of one entity are applied in order. */
  entity: string;
  attempts: number;
  /** When it is tried next, or until when a server has it in work. */
  availableAt: Date;
  /** Since when it waits for a person; null while it is tried. */
  parkedAt: Date | null;
  lastError: string | null;
  createdAt: Date;
};

export type EffectPage = {
  items: Effect[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type EndSessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  summary?: string | undefined;
};

/** A series of trials with a topology. */
export type Experiment = {
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  name: string;
  description: string;
  /** null: another program wrote it without one. */
  topologyId: number | null;
  status: ExperimentStatus;
  parameters: FreeJson;
  /** null while it runs. */
  results: FreeJson | null;
  createdAt: Date;
  completedAt: Date | null;
  createdBy: number | null;
};

export type ExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** What was measured at one point (epoch, train_loss …), as given. */
export type ExperimentMetric = {
  /** When it arrived. */
  timestamp: Date;
  [key: string]: unknown;
};

/** A change of an experiment, or a point of it. */
export type ExperimentNews = {
  /** The experiment, where it began or changed. */
  experiment: Experiment | null;
  /** A point, where one was logged. */
  metric: ExperimentMetric | null;
};

export type ExperimentPage = {
  items: Experiment[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type ExperimentStatus = "running" | "completed" | "failed";

/** What an experiment is or was. */
export type ExperimentVersion = {
  /** null: it was deleted. */
  rev: string | null;
  /** When it became so. */
  at: Date;
  /** The user who made it so; null: another program. */
  by: number | null;
  /** null: it was deleted. */
  item: Experiment | null;
};

export type ExperimentVersionPage = {
  items: ExperimentVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** An experiment with its metrics. */
export type ExperimentWithMetrics = {
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  name: string;
  description: string;
  /** null: another program wrote it without one. */
  topologyId: number | null;
  status: ExperimentStatus;
  parameters: FreeJson;
  /** null while it runs. */
  results: FreeJson | null;
  createdAt: Date;
  completedAt: Date | null;
  createdBy: number | null;
  /** In the order in which they arrived, at most 10,000. */
  metrics: ExperimentMetric[];
  /** Whether there are more than 10,000. */
  hasMoreMetrics: boolean;
};

/** One thing in which the stores disagree. */
export type Finding = {
  /** object_missing: a ready row without its object. object_without_row: an object that no row has. upload_without_row: a multipart upload that no pending row has, whose parts take room. document_missing: an index row without its document. document_not_indexed: a context document without its index row. document_left_behind: a document of a topology, experiment or workspace that is not there. figures_wrong: kept figures of a topology that are not what its rows say. */
  problem: "object_missing" | "object_wrong_size" | "object_without_row" | "upload_without_row" | "document_missing" | "document_not_indexed" | "document_left_behind" | "figures_wrong" | "effect_parked";
  /** Bucket, database, table or `outbox`. */
  place: string;
  /** Physical key of the object, id of the document, the topology or the effect. */
  key: string;
  workspaceId: number | null;
  detail: string;
  /** What `repair` would do; null where only a person can mend it. */
  repair: string | null;
};

export type FinishRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
  status?: "completed" | "failed" | undefined;
  /** What came out, any JSON object up to 256 KB: `{"final_model": "path/to/model.pt"}`. */
  results?: { [key: string]: JsonValue } | undefined;
  /** A share, 0 to 1. */
  accuracy?: number | undefined;
  epochs?: number | undefined;
  /** Replaces those that it has; what went wrong, for instance. */
  notes?: string | undefined;
};

export type FollowIngestInput = {
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
  /** Of the last event that was seen; the client sends it itself. */
  lastEventId?: string | null | undefined;
};

export type FollowRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  /** Goes on after this revision; from now on where it is left out. */
  lastEventId?: string | undefined;
};

/** Any JSON object, kept as given. */
export type FreeJson = { [key: string]: JsonValue };

export type GetTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  /** What is read beside the row; an empty list reads the row alone. */
  include?: Array<"context" | "analytics"> | undefined;
};

/** Each store by itself. */
export type Health = {
  /** unhealthy where any store is. */
  status: "healthy" | "unhealthy";
  stores: {
    postgres: StoreHealth;
    objects: StoreHealth;
    documents: StoreHealth;
  };
  outbox: {
    /** Effects not yet applied; null where Postgres does not answer. */
    waiting: number | null;
    /** Effects that failed too often and wait for a person. */
    parked: number | null;
    /** Age of the oldest effect that is not parked. */
    lagSeconds: number | null;
  };
};

/** A run of which something was heard. */
export type Heartbeat = {
  id: number;
  status: RunStatus;
  leaseExpiresAt: Date | null;
};

export type HistoryInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1. */
  fromStep?: number | undefined;
  /** Itself included. */
  toStep?: number | undefined;
  /** At most so many, 10 to 2,000; a range that has more is downsampled. */
  points?: number | undefined;
};

/** What this server is. */
export type Info = {
  version: string;
  startedAt: Date;
  embedded: {
    postgres: boolean;
    objects: boolean;
    documents: boolean;
  };
  limits: {
    embeddingDimensions: number;
    chunksPerCall: number;
    pointsPerCall: number;
    documentsPerCall: number;
  };
};

export type IngestDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A ready object of kind `dataset_file`: a JSON object `{ content, embedding, metadata }` a line, gzip or not. */
  objectId: string;
};

export type IngestInput = {
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
};

/** A line that is no chunk. */
export type IngestRefusal = {
  /** From 1. */
  line: number;
  reason: string;
};

/** In the order of the lines; the first 10,000 are kept. */
export type IngestRefusalPage = {
  items: IngestRefusal[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Lets one person into the workspace. */
export type Invitation = {
  id: number;
  email: string;
  role: Role;
  makesAdmin: boolean;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
  createdAt: Date;
  createdBy: number | null;
};

export type InvitationInput = {
  /** An invitation's id: 123, "123" or "invitation-123". */
  id: number | string;
};

export type InvitationPage = {
  items: Invitation[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** What something came from and what came of it; each list newest first, at most 1,000. */
export type Lineage = {
  topologies: Array<{
    id: number;
    name: string;
  }>;
  modules: Array<{
    id: number;
    name: string;
    topologyId: number;
  }>;
  /** One a run that used it. */
  datasets: Array<{
    id: number;
    name: string;
    version: number | null;
    runId: number;
  }>;
  /** Newest first, at most 200. */
  runs: Array<{
    id: number;
    name: string;
    topologyId: number;
    status: string;
    parentRunId: number | null;
  }>;
  hasMoreRuns: boolean;
  modelVersions: Array<{
    modelId: number;
    name: string;
    version: number;
    runId: number | null;
  }>;
  checkpoints: Array<{
    id: number;
    name: string;
    step: number | null;
    runId: number | null;
  }>;
};

export type LineageInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** A module's id: 123, "123" or "module-123". */
  moduleId?: number | string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId?: number | string | undefined;
  /** With datasetId: this version only. */
  datasetVersion?: number | undefined;
  /** With datasetId: a chunk of it. */
  chunkId?: number | string | undefined;
  /** A run's id: 123, "123" or "run-123". */
  runId?: number | string | undefined;
  /** A model's id: 123, "123" or "model-123". */
  modelId?: number | string | undefined;
  /** With modelId: this version only. */
  modelVersion?: number | undefined;
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  checkpointId?: number | string | undefined;
};

export type ListAnnotationsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** With `targetType`; a number alone is a topology’s. */
  targetId?: number | string | undefined;
  /** What an annotation is about. */
  targetType?: TargetType | undefined;
};

export type ListArtifactsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** What the path below `artifacts/` begins with. */
  prefix?: string | undefined;
};

export type ListAuditInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** An user's id: 123, "123" or "user-123". */
  userId?: number | string | undefined;
  /** One procedure, or all of a noun: `topologies.create`, `topologies`. */
  action?: string | undefined;
  /** `topology:123`. */
  target?: string | undefined;
  tokenId?: string | undefined;
  /** From this moment on. */
  since?: Date | undefined;
  /** Before this moment. */
  until?: Date | undefined;
};

export type ListCheckpointsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
};

export type ListChunksInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

export type ListContextInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** Such as `training_note`. */
  type?: string | undefined;
};

export type ListDatasetsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
};

export type ListExperimentsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  status?: ExperimentStatus | undefined;
};

export type ListIngestsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** `done`: the versions of the dataset. */
  status?: "running" | "done" | "failed" | undefined;
};

export type ListInvitationsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
};

export type ListLogsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** YYYY-MM-DD in UTC. */
  date?: string | undefined;
};

export type ListModelsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
};

export type ListModulesInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
};

export type ListObjectsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  kind?: "model" | "checkpoint" | "dataset_file" | "log" | "artifact" | undefined;
  /** What the key begins with: `checkpoints/topology-123/`. */
  prefix?: string | undefined;
  status?: "pending" | "ready" | undefined;
};

export type ListRefusalsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
};

export type ListRunsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** A module's id: 123, "123" or "module-123". */
  moduleId?: number | string | undefined;
  /** Runs that used it. */
  datasetId?: number | string | undefined;
  /** The trials of a sweep. */
  parentRunId?: number | string | undefined;
  /** `lost`: running, but nothing was heard of it for longer than its lease. */
  status?: RunStatus | undefined;
  /** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
  filter?: RunFilter | undefined;
  /** Newest first where it is left out. */
  sort?: RunSort | undefined;
};

export type ListSessionsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** An user's id: 123, "123" or "user-123". */
  userId?: number | string | undefined;
  /** true: those that have not ended; false: those that have. */
  isActive?: boolean | undefined;
};

export type ListTopologiesInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  architecture?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
  /** An user's id: 123, "123" or "user-123". */
  createdBy?: number | string | undefined;
};

export type ListUsersInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
};

export type LiveContextInput = {
  /** Left out: all of the workspace. */
  topologyId?: number | string | undefined;
  /** The id of the last event that was seen. */
  lastEventId?: string | undefined;
};

export type LiveExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The id of the last event that was seen. */
  lastEventId?: string | undefined;
};

export type LogExperimentMetricsInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** A point ({ epoch, train_loss … }) or a list of 1 to 1,000, each up to 16 KB; `timestamp` is the server’s. */
  metrics: { [key: string]: JsonValue } | Array<{ [key: string]: JsonValue }>;
  /** An id of your own for each point makes it safe to send the same points again. */
  ids?: string[] | undefined;
};

export type LogPointsInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  points?: MetricPoint[] | undefined;
  /** The same by columns, which takes less time. */
  columns?: MetricColumns[] | undefined;
};

export type LogSessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** An event or a list of 1 to 1,000. */
  events: NewSessionEvent | NewSessionEvent[];
  /** An id of your own for each event makes it safe to send the same events again; let them grow with time. */
  ids?: string[] | undefined;
};

/** The points as they are stored. */
export type LoggedExperimentMetrics = {
  id: string;
  /** The ids of the points, in the order given. */
  ids: string[];
};

export type LoggedPoint = {
  key: string;
  step: number;
  value: number;
  time: Date;
};

export type LoggedPoints = {
  runId: number;
  /** New points. */
  added: number;
  /** Points that were there with this value; they stay as they were. */
  same: number;
  /** Points that were there with another value, which is now this one. */
  replaced: number;
  /** Of the run, after this call; `training.live` goes on from it. */
  revision: number;
};

/** The events as they are stored. */
export type LoggedSessionEvents = {
  id: string;
  /** The ids of the events, in the order given. */
  ids: string[];
};

export type MeasureRecallInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  k?: number | undefined;
  /** Vectors that were really asked for, 1 to 200; fewer of them are asked where a minute is over. */
  queries?: Array<Float32Array | number[] | string> | undefined;
  /** Without `queries`: chunks of the dataset whose own vectors are the queries; fewer where a minute is over. */
  sampleCount?: number | undefined;
  /** What is measured, each from 1 to 1,000. */
  efSearch?: number[] | undefined;
};

export type MemberInput = {
  /** An user's id: 123, "123" or "user-123". */
  userId: number | string;
};

/** All that is given must hold for the value at `path`. */
export type MetadataCondition = {
  /** A key of the metadata, or the keys that lead to a nested value. */
  path: string | string[];
  equals?: string | number | boolean | null | undefined;
  in?: Array<string | number | boolean | null> | undefined;
  /** Greater: numbers by value, text by code points. */
  gt?: number | string | undefined;
  gte?: number | string | undefined;
  lt?: number | string | undefined;
  lte?: number | string | undefined;
  /** Whether there is such a value; null is one. */
  exists?: boolean | undefined;
};

/** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
export type MetadataFilter = { and: MetadataFilter[] } | { or: MetadataFilter[] } | { not: MetadataFilter } | MetadataCondition;

/** Points of one curve as columns: what takes the least time to send. */
export type MetricColumns = {
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** Whole numbers from 0 to 2^53 - 1. */
  steps: Float64Array;
  /** One a step; NaN and infinities are kept. */
  values: Float64Array;
  /** One a step, in milliseconds since 1970; when they arrived, where it is left out. */
  times?: Float64Array | undefined;
};

export type MetricPoint = {
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1. */
  step: number;
  /** NaN and infinities are kept; by REST they are written as text. */
  value: number | "NaN" | "Infinity" | "-Infinity";
  /** When it was measured; when it arrived, where it is left out. */
  time?: Date | undefined;
};

/** A model in the registry. */
export type Model = {
  id: number;
  name: string;
  description: string;
  latestVersion: number;
  /** Names for versions, such as `champion`, in the order of the alphabet. */
  aliases: Array<{
    alias: string;
    version: number;
  }>;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

export type ModelInput = {
  /** The model’s id or its name. */
  id: number | string;
};

export type ModelPage = {
  items: Model[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** An immutable version of a model: its bytes, and where they came from. */
export type ModelVersion = {
  modelId: number;
  name: string;
  /** 1, 2, 3 …; a number is never given twice. */
  version: number;
  /** The key of its bytes in the bucket: `models/my-model-v1.json`. */
  path: string;
  bucket: string;
  /** Of a stored object. */
  objectId: string;
  sizeBytes: number;
  /** Of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` tells its bytes. */
  sha256: string | null;
  /** Of an object above 16 MiB: the SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each; null for another. */
  partsSha256: string | null;
  contentType: string;
  metadata: FreeJson;
  topologyId: number | null;
  moduleId: number | null;
  runId: number | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A model with its versions. */
export type ModelWithVersions = {
  id: number;
  name: string;
  description: string;
  latestVersion: number;
  /** Names for versions, such as `champion`, in the order of the alphabet. */
  aliases: Array<{
    alias: string;
    version: number;
  }>;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Its latest 200, newest first. */
  versions: ModelVersion[];
};

export type ModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
};

export type ModulePage = {
  items: QloraModule[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A new token with its secret. */
export type NewAccessToken = {
  id: string;
  name: string;
  scope: TokenScope;
  userId: number;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** Written at most every 30 s. */
  lastUsedAt: Date | null;
  createdAt: Date;
  createdBy: number | null;
  /** The secret. It is shown this once. */
  token: string;
};

export type NewChunk = {
  /** The text, up to 100,000 characters. */
  content: string;
  /** May be left out where the server makes embeddings of its own. */
  embedding?: Float32Array | number[] | string | undefined;
  /** Any JSON object; searches may filter by it. */
  metadata?: { [key: string]: JsonValue } | undefined;
};

export type NewContext = {
  /** Such as `training_note`. */
  type: string;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data: JsonValue;
  /** priority, author, tags … up to 64 KB; `author` and `tags` are searched too. */
  metadata?: { [key: string]: JsonValue } | undefined;
  /** An id of your own makes it safe to send the same document again. */
  id?: string | undefined;
};

/** A new invitation with its secret. */
export type NewInvitation = {
  id: number;
  email: string;
  role: Role;
  makesAdmin: boolean;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
  createdAt: Date;
  createdBy: number | null;
  /** What the person accepts it with. It is shown this once: hand it over yourself. */
  token: string;
};

export type NewModule = {
  name: string;
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. */
  targetModules?: string[] | undefined;
  baseModel?: string | null | undefined;
  /** Any JSON object, kept as given. */
  config?: FreeJson | undefined;
};

export type NewSessionEvent = {
  /** Such as `tool_call`. */
  type: string;
  /** Text or any JSON, up to 64 KB. */
  data?: JsonValue | undefined;
};

export type NoInput = Record<string, never>;

export type ObjectInput = {
  /** Of a stored object. */
  id: string;
};

/** Tensors of a safetensors file, in the order of its header. */
export type ObjectTensors = {
  tensorCount: number;
  tensors: Tensor[];
  /** Give it as `offset` for the next ones; null at the end. */
  nextOffset: number | null;
};

export type ObjectTensorsInput = {
  /** Of a stored object. */
  id: string;
  /** How many tensors to pass over. */
  offset?: number | undefined;
  limit?: number | undefined;
};

export type OutboxInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Only those that are parked, or only those that are not. */
  isParked?: boolean | undefined;
};

export type ParkedInput = {
  /** Of parked effects. */
  ids: number[];
};

export type ParkedResult = {
  /** Those that were parked, and are no longer. */
  ids: number[];
};

/** The object goes in parts, in any order and several at a time. */
export type PartUpload = {
  method: "parts";
  /** Of every part but the last, which is what remains. */
  partSizeBytes: number;
  partCount: number;
  /** The first hundred; `parts` answers the others, and what is there already. */
  parts: UploadPart[];
};

export type PresignObjectInput = {
  /** Of a stored object. */
  id?: string | undefined;
  bucket?: "topology-models" | "topology-datasets" | "topology-logs" | "topology-artifacts" | undefined;
  /** With `bucket`, instead of `id`: `models/my-model-v1.json`. */
  key?: string | undefined;
  /** How long the URL works, up to seven days. */
  expirySeconds?: number | undefined;
  /** The name under which a browser saves it. */
  fileName?: string | undefined;
};

/** Reads the object without a credential until it expires. */
export type PresignedUrl = {
  url: string;
  expiresAt: Date;
};

/** A low-rank adapter of a topology. */
export type QloraModule = {
  id: number;
  topologyId: number;
  name: string;
  description: string;
  /** Rank of the low-rank update, LoRA’s r. */
  rank: number;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha: number;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout: number;
  /** 2, 3, 4 or 8 bits of the frozen base weights; null: not quantized. */
  quantizationBits: number | null;
  /** Names of the layers that carry the adapter. */
  targetModules: string[];
  baseModel: string | null;
  config: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** The adapter’s safetensors, once attached. */
  weightsObjectId: string | null;
  /** The adapter’s adapter_config.json, once attached. */
  configObjectId: string | null;
};

export type RecallsInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

export type RemoveAliasInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** A name for a version, such as `champion`. */
  alias: string;
};

export type RepairInput = {
  /** Of a `verify`, each looked at again before it is mended. */
  findings: Finding[];
};

export type RepairResult = {
  repaired: number;
  /** Gone meanwhile, or nothing that can be mended safely. */
  left: number;
};

/** What a member may do. */
export type Role = "viewer" | "editor" | "owner";

/** All tests that are given must hold for the value that it is about. */
export type RunCondition = {
  /** A field of the run. */
  field?: RunField | undefined;
  /** A number, text or truth value of the params, by its path: `optimizer.lr`. */
  param?: string | undefined;
  /** A figure of this series. */
  metric?: string | undefined;
  /** Of the metric; `last` where it is left out. */
  figure?: "last" | "min" | "max" | undefined;
  /** The run has this tag. */
  tag?: string | undefined;
  equals?: string | number | boolean | Date | undefined;
  in?: Array<string | number | boolean | Date> | undefined;
  gt?: string | number | boolean | Date | undefined;
  gte?: string | number | boolean | Date | undefined;
  lt?: string | number | boolean | Date | undefined;
  lte?: string | number | boolean | Date | undefined;
  /** Whether the run has such a value. */
  exists?: boolean | undefined;
};

export type RunField = "name" | "status" | "codeVersion" | "topologyId" | "moduleId" | "parentRunId" | "accuracy" | "finalLoss" | "epochs" | "createdAt" | "startedAt" | "finishedAt";

/** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
export type RunFilter = { and: RunFilter[] } | { or: RunFilter[] } | { not: RunFilter } | RunCondition;

export type RunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
};

/** What a run wrote, and its status. */
export type RunNews = {
  runId: number;
  /** Up to which this tells; the event’s id. */
  revision: number;
  status: RunStatus;
  /** New ones, and those whose value was replaced, in the order of the writes. */
  points: LoggedPoint[];
};

/** Runs without such a value come last, newest first; a param is ordered by its number. */
export type RunSort = {
  /** A field of the run. */
  field?: RunField | undefined;
  /** A number, text or truth value of the params, by its path: `optimizer.lr`. */
  param?: string | undefined;
  /** A figure of this series. */
  metric?: string | undefined;
  /** Of the metric; `last` where it is left out. */
  figure?: "last" | "min" | "max" | undefined;
  direction?: "asc" | "desc" | undefined;
};

/** `lost`: running, but nothing was heard of it for longer than its lease. */
export type RunStatus = "running" | "completed" | "failed" | "lost";

/** What the header of a safetensors file says. */
export type SafetensorsContents = {
  format: "safetensors";
  tensorCount: number;
  /** Numbers in all of its tensors. */
  parameterCount: number;
  /** Parameters of each dtype: `{"BF16": 7000000}`. */
  dtypes: { [key: string]: number };
  /** The header’s own `__metadata__`. */
  metadata: { [key: string]: string };
  /** null: it has no LoRA pairs. */
  adapter: {
    /** Of its LoRA pairs, ascending; one in most adapters. */
    ranks: number[];
    /** The layers that carry a pair, by the last part of their names. */
    targetModules: string[];
  } | null;
};

export type SaveResultsInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** A module of this topology. */
  moduleId?: number | string | undefined;
  /** What it is trained on. */
  datasets?: UsedDatasetInput[] | undefined;
  /** The sweep that it is a trial of. */
  parentRunId?: number | string | undefined;
  /** `run` where it is left out. */
  name?: string | undefined;
  /** Learning rate, optimizer …: any JSON object up to 256 KB. */
  params?: { [key: string]: JsonValue } | undefined;
  tags?: string[] | undefined;
  notes?: string | undefined;
  /** Such as a commit. */
  codeVersion?: string | undefined;
  /** What came out, any JSON object up to 256 KB: `{"final_model": "path/to/model.pt"}`. */
  results?: { [key: string]: JsonValue } | undefined;
  /** One an epoch, at most 10,000: the series `loss` at the steps 1, 2, 3 … */
  lossValues?: Array<number | "NaN" | "Infinity" | "-Infinity"> | undefined;
  /** A share, 0 to 1. */
  accuracy?: number | undefined;
  /** The number of loss values where it is left out. */
  epochs?: number | undefined;
};

export type SearchAllInput = {
  /** English words, as in a web search: "a phrase", `or`, `-without`; names of topologies and models also by a part. */
  text: string;
  /** All four where it is left out. */
  types?: Array<"chunk" | "context" | "topology" | "model"> | undefined;
  /** Context of this topology only. */
  topologyId?: number | string | undefined;
  /** At most so many items, 1 to 100. */
  limit?: number | undefined;
};

export type SearchChunksInput = {
  /** Every dataset where it is left out. */
  datasetIds?: Array<number | string> | undefined;
  /** Nearest by cosine distance. With `text` too, the two rankings are fused. */
  embedding?: Float32Array | number[] | string | undefined;
  /** English words, as in a web search: "a phrase", `or`, `-without`; or what is meant, by vector. */
  text?: string | undefined;
  /** What is ranked by. Left out: by all there is, a text’s embedding included where the server makes embeddings. */
  by?: "vector" | "words" | "both" | undefined;
  /** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
  filter?: MetadataFilter | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** So many of the nearest, 1 to 1,000. */
  k?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Candidates that the index looks at, 1 to 1,000; more of them find more and take longer. */
  efSearch?: number | undefined;
  /** Instead of efSearch: the share of the truth to be found, such as 0.99. It is chosen by what `datasets.recall` measured, by rule of thumb where nothing was; 1 compares every chunk. */
  recall?: number | undefined;
};

export type SearchContextInput = {
  /** English words, all of which must occur; "a phrase", `or` and `-without` as in a web search. */
  text: string;
  /** How documents are found and ranked; by meaning where the server makes embeddings. Left out: by both there, else by words. */
  by?: "words" | "meaning" | "both" | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** Such as `training_note`. */
  type?: string | undefined;
  /** Of the metadata: all of them. */
  tags?: string[] | undefined;
  /** Of the metadata. */
  author?: string | undefined;
  /** Of the metadata. */
  priority?: string | undefined;
  /** Not older than this. */
  from?: Date | undefined;
  /** Older than this. */
  to?: Date | undefined;
  /** At most so many items, 1 to 100. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
};

/** Something that a search over everything found. */
export type SearchHit = {
  type: "chunk" | "context" | "topology" | "model";
  /** Of the thing: a number, or a context document’s text. */
  id: number | string;
  /** Its name, the type of a context document, or the dataset of a chunk. */
  title: string;
  /** A passage, the words found between « and » where it has them. Plain text: escape it before showing it. */
  highlight: string;
  /** 1 / (60 + its place among its own type); greater is better. */
  score: number;
  /** Of a chunk. */
  datasetId: number | null;
  /** Of a context document. */
  topologyId: number | null;
};

export type SearchHits = {
  items: SearchHit[];
  /** Types whose store is away and that were left out. */
  unavailable: Array<"chunk" | "context" | "topology" | "model">;
};

/** What a curve has come to, kept as it is written. */
export type SeriesFigures = {
  key: string;
  /** Which value is the best one. */
  goal: "min" | "max";
  count: number;
  /** The greatest step. */
  lastStep: number | null;
  /** The value at the greatest step. */
  last: number | null;
  /** The least finite value. */
  min: number | null;
  /** The first step that has it. */
  minStep: number | null;
  /** The greatest finite value. */
  max: number | null;
  maxStep: number | null;
  best: number | null;
  bestStep: number | null;
};

/** A time in which somebody worked on something. */
export type Session = {
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** Whose session it is. */
  userId: number;
  sessionType: string;
  status: SessionStatus;
  metadata: FreeJson;
  /** What came of it; null until it is given at the end. */
  summary: string | null;
  startedAt: Date;
  endedAt: Date | null;
  createdBy: number | null;
};

/** Something that happened in a session. */
export type SessionEvent = {
  /** As it was given, or as the server chose it. */
  id: string;
  type: string;
  /** Text or any JSON, as given. */
  data: JsonValue;
  /** When it arrived. */
  timestamp: Date;
  createdBy: number | null;
};

/** A page in the order of the events’ ids, which is that of their time where the server chose them. */
export type SessionEventPage = {
  items: SessionEvent[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type SessionEventsInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

export type SessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

export type SessionPage = {
  items: Session[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type SessionStatus = "active" | "ended";

export type SetAliasInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** A name for a version, such as `champion`. */
  alias: string;
  version: number;
};

/** The whole object goes in one PUT. */
export type SinglePut = {
  method: "put";
  url: string;
  /** To be sent with the PUT. */
  headers: { [key: string]: string };
};

export type StartRunInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** A module of this topology. */
  moduleId?: number | string | undefined;
  /** What it is trained on. */
  datasets?: UsedDatasetInput[] | undefined;
  /** The sweep that it is a trial of. */
  parentRunId?: number | string | undefined;
  /** `run` where it is left out. */
  name?: string | undefined;
  /** Learning rate, optimizer …: any JSON object up to 256 KB. */
  params?: { [key: string]: JsonValue } | undefined;
  tags?: string[] | undefined;
  notes?: string | undefined;
  /** Such as a commit. */
  codeVersion?: string | undefined;
  /** Which value of a metric is its best, where its name does not tell: `max` for accuracy and its like, otherwise `min`. */
  goals?: { [key: string]: "min" | "max" } | undefined;
  /** How long it may be silent before it is called lost, 1 s to 7 days. */
  leaseSeconds?: number | undefined;
};

export type StoreHealth = {
  status: "healthy" | "unhealthy";
  /** How long the store took to answer, or to fail; milliseconds. */
  latencyMs: number;
  error: string | null;
};

/** Bytes in the object store, or on their way there. */
export type StoredObject = {
  /** Of a stored object. */
  id: string;
  kind: "model" | "checkpoint" | "dataset_file" | "log" | "artifact";
  bucket: "topology-models" | "topology-datasets" | "topology-logs" | "topology-artifacts";
  /** Within the workspace: `models/transformer-v1.json`. */
  key: string;
  sizeBytes: number;
  /** Of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` tells its bytes. */
  sha256: string | null;
  /** Of an object above 16 MiB: the SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each; null for another. */
  partsSha256: string | null;
  contentType: string;
  metadata: FreeJson;
  /** What `complete` read of a `*.safetensors` or an `adapter_config.json`; null for everything else. */
  contents: SafetensorsContents | AdapterConfigContents | null;
  /** `ready` once its bytes were checked, which never change after that; until then the hashes are those that `begin` declared. */
  status: "pending" | "ready";
  /** When a pending upload is given up. */
  expiresAt: Date | null;
  completedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

export type StoredObjectPage = {
  items: StoredObject[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** What an annotation is about. */
export type TargetType = "topology" | "module" | "run" | "dataset" | "model" | "chunk" | "document";

/** A tensor, as the header of its file describes it. */
export type Tensor = {
  name: string;
  dtype: string;
  shape: number[];
  parameterCount: number;
  sizeBytes: number;
};

export type TokenInput = {
  id: string;
};

export type TokenList = {
  items: AccessToken[];
};

/** read: viewer at most; write: editor at most; admin: all that its user may. */
export type TokenScope = "read" | "write" | "admin";

/** A model architecture. */
export type Topology = {
  id: number;
  name: string;
  description: string;
  architecture: string;
  config: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** What the training of a topology came to. */
export type TopologyAnalytics = {
  topologyId: number;
  /** Training runs of every status. */
  runCount: number;
  completedRunCount: number;
  /** Greatest accuracy of a completed run, 0 to 1. */
  bestAccuracy: number | null;
  /** Least final loss of a completed run. */
  bestLoss: number | null;
  averageAccuracy: number | null;
  /** Change of accuracy from one completed run to the next, by least squares over the latest 50; null below two. */
  accuracyTrend: number | null;
  moduleCount: number;
  /** Datasets that its runs used. */
  datasetCount: number;
  checkpointCount: number;
  /** Bytes of its checkpoints and model versions. */
  storageBytes: number;
  latestRunAt: Date | null;
};

/** layers 1-50, dimensions 64-4096, attention_heads 1-32; any other JSON is kept as given. */
export type TopologyConfig = {
  /** Layers, 1 to 50. */
  layers?: number | undefined;
  /** Width of the model, 64 to 4096. */
  dimensions?: number | undefined;
  /** Attention heads, 1 to 32. */
  attention_heads?: number | undefined;
  [key: string]: unknown;
};

/** A topology with its recent context and what its training came to. */
export type TopologyDetails = {
  id: number;
  name: string;
  description: string;
  architecture: string;
  config: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Its newest context documents, at most 10, newest first; null while CouchDB is away, or not asked for. */
  context: ContextDocument[] | null;
  /** null where it was not asked for. */
  analytics: TopologyAnalytics | null;
};

export type TopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
};

export type TopologyPage = {
  items: Topology[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** One training of a topology: what went in and what came out. */
export type TrainingRun = {
  id: number;
  topologyId: number;
  moduleId: number | null;
  datasets: UsedDataset[];
  parentRunId: number | null;
  name: string;
  status: RunStatus;
  params: FreeJson;
  tags: string[];
  notes: string;
  codeVersion: string | null;
  goals: { [key: string]: "min" | "max" };
  results: FreeJson;
  accuracy: number | null;
  /** The last value of the series `loss`, as it was when the run finished. */
  finalLoss: number | null;
  epochs: number | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Points of all its series. */
  pointCount: number;
  /** Counts the changes of points and status; `training.live` goes on from it. */
  revision: number;
  leaseSeconds: number;
  /** When it is called lost, unless something is heard of it; null once it is finished. */
  leaseExpiresAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A run with what its series have come to. */
export type TrainingRunDetails = {
  id: number;
  topologyId: number;
  moduleId: number | null;
  datasets: UsedDataset[];
  parentRunId: number | null;
  name: string;
  status: RunStatus;
  params: FreeJson;
  tags: string[];
  notes: string;
  codeVersion: string | null;
  goals: { [key: string]: "min" | "max" };
  results: FreeJson;
  accuracy: number | null;
  /** The last value of the series `loss`, as it was when the run finished. */
  finalLoss: number | null;
  epochs: number | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Points of all its series. */
  pointCount: number;
  /** Counts the changes of points and status; `training.live` goes on from it. */
  revision: number;
  leaseSeconds: number;
  /** When it is called lost, unless something is heard of it; null once it is finished. */
  leaseExpiresAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** By their keys, at most 1,000. */
  series: SeriesFigures[];
  /** The series `loss` in the order of its steps; null where it has more than 10,000 points, see history. */
  lossValues: number[] | null;
};

export type TrainingRunPage = {
  items: TrainingRun[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** What is left out stays as it is. */
export type UpdateAnnotationInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  annotation?: string | undefined;
  tags?: string[] | undefined;
};

/** What is left out stays as it is. */
export type UpdateContextInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  /** Such as `training_note`. */
  type?: string | undefined;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data?: JsonValue | undefined;
  /** null: it is about none. */
  topologyId?: number | string | null | undefined;
  /** Replaces the whole metadata. */
  metadata?: { [key: string]: JsonValue } | undefined;
};

/** What is left out stays as it is. */
export type UpdateExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  name?: string | undefined;
  description?: string | undefined;
  /** Replaces all parameters. */
  parameters?: { [key: string]: JsonValue } | undefined;
  /** `running` takes it up again, without results. */
  status?: ExperimentStatus | undefined;
  /** Of an experiment that is over. Replaces all results. */
  results?: { [key: string]: JsonValue } | undefined;
};

export type UpdateMemberInput = {
  /** An user's id: 123, "123" or "user-123". */
  userId: number | string;
  role: Role;
};

/** What is left out stays as it is. */
export type UpdateModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  name?: string | undefined;
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. */
  targetModules?: string[] | undefined;
  baseModel?: string | null | undefined;
  /** Replaces the whole config. */
  config?: FreeJson | undefined;
};

/** What is left out stays as it is. */
export type UpdateRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
  name?: string | undefined;
  /** Replaces all of them. */
  tags?: string[] | undefined;
  notes?: string | undefined;
};

/** What is left out stays as it is. */
export type UpdateTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  name?: string | undefined;
  description?: string | undefined;
  architecture?: string | undefined;
  /** Replaces the whole config. */
  config?: TopologyConfig | undefined;
};

export type UploadArtifactInput = {
  /** The path below `artifacts/`: `experiment-results/run-7.json`. */
  name: string;
  /** A string is stored as text, anything else as JSON; 16 MiB at most. */
  data?: JsonValue | undefined;
  /** Instead of data: any bytes in base64, 16 MiB at most. */
  bytes?: string | undefined;
  contentType?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
};

export type UploadCheckpointInput = {
  /** Names one checkpoint of its topology. */
  name: string;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** Any JSON up to 16 MiB, stored as `checkpoints/topology-<id>/<name>.json`. */
  checkpointData?: JsonValue | undefined;
  /** Instead of checkpointData: a ready object of kind `checkpoint` of this topology. */
  objectId?: string | undefined;
  step?: number | undefined;
  /** A run's id: 123, "123" or "run-123". */
  runId?: number | string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
};

export type UploadDatasetInput = {
  /** Of the dataset, which is made where it is new. */
  name: string;
  /** 1 to 1,000 files of at most 16 MiB each; more by `objects.begin`. */
  files: DatasetFile[];
  /** Of a dataset that is new. */
  metadata?: FreeJson | undefined;
};

export type UploadLogInput = {
  /** `.log` is added where it has no extension, and -2, -3 … where the day has it already. */
  name: string;
  /** A string is stored as text, anything else as JSON; 16 MiB at most. */
  data: JsonValue;
  /** The day it belongs to, YYYY-MM-DD; today in UTC where it is left out. */
  date?: string | undefined;
  /** A new UUID of yours for each log: a call that is repeated with it, because the first answer was lost, answers the log that the first stored. */
  requestId?: string | undefined;
};

export type UploadModelInput = {
  name: string;
  /** Any JSON up to 16 MiB, stored as `models/<name>-v<version>.json`. */
  modelData?: JsonValue | undefined;
  /** Instead of modelData: a ready object of kind `model`. */
  objectId?: string | undefined;
  /** accuracy, compression_ratio, a version label of your own … */
  metadata?: FreeJson | undefined;
  /** Of the model; replaces the one that it has. */
  description?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** A module's id: 123, "123" or "module-123". */
  moduleId?: number | string | undefined;
  /** A run's id: 123, "123" or "run-123". */
  runId?: number | string | undefined;
  /** A new UUID of yours for each upload: a call that is repeated with it, because the first answer was lost, answers the version that the first made. */
  requestId?: string | undefined;
};

export type UploadPart = {
  /** From 1. */
  partNumber: number;
  /** PUT the part’s bytes here. */
  url: string;
  /** To be sent with the PUT. */
  headers: { [key: string]: string };
  /** Of a part that is there already. */
  etag?: string | undefined;
  /** Of a part that is there already. */
  sizeBytes?: number | undefined;
};

/** Parts of an upload, those that are there already with their ETag. */
export type UploadParts = {
  partSizeBytes: number;
  partCount: number;
  parts: UploadPart[];
  /** Give it as `fromPartNumber` for the next ones; null at the end. */
  nextPartNumber: number | null;
  /** When the URLs stop working. */
  expiresAt: Date;
};

export type UploadPartsInput = {
  /** Of a stored object. */
  id: string;
  fromPartNumber?: number | undefined;
  limit?: number | undefined;
};

export type UploadedDataset = {
  dataset: Dataset;
  /** In the order given; `key` is the path: `datasets/my-dataset/chunk_001.jsonl`. */
  files: StoredObject[];
};

/** What a run was trained on. */
export type UsedDataset = {
  datasetId: number;
  version: number | null;
};

export type UsedDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A version that an ingest made of the dataset; left out where it is not known. */
  version?: number | undefined;
};

/** A member of the workspace. */
export type User = {
  id: number;
  username: string;
  email: string;
  role: Role;
  /** Whether this person administers the installation. */
  isAdmin: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

export type UserInput = {
  /** An user's id: 123, "123" or "user-123". */
  id: number | string;
};

export type UserPage = {
  items: User[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Whether the three stores agree. */
export type VerifyReport = {
  /** Whether nothing was found. */
  agrees: boolean;
  counts: {
    objectRows: number;
    objects: number;
    objectBytes: number;
    documents: number;
    indexRows: number;
    /** Decided changes on their way; what they touch counts as agreed. */
    effectsWaiting: number;
  };
  /** At most 1,000; `findingCount` counts all. */
  findings: Finding[];
  findingCount: number;
  seconds: number;
};

/** SHA-256 of each text that was in the version, in their order. */
export type VersionHashes = {
  items: string[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

export type VersionHashesInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  version: number;
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
};

/** A team’s own part of the installation. */
export type Workspace = {
  id: number;
  name: string;
  /** What you may do there. */
  role: "viewer" | "editor" | "owner";
  createdAt: Date;
};

export type WorkspaceList = {
  items: Workspace[];
};

type Root = { ctx: object; meta: object; errorShape: NexusErrorShape; transformer: true };

/** Every procedure of the server, for tRPC's own tools. */
export type NexusRouter = TRPCBuiltRouter<Root, NexusProcedures>;

export type NexusProcedures = {
  users: {
    /** Whose token this is, and for which workspace. */
    me: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: CurrentUser }>;
    /** Adds a person to the workspace (owners). */
    create: TRPCMutationProcedure<{ meta: object; input: CreateUserInput; output: User }>;
    /** A member of the workspace. */
    get: TRPCQueryProcedure<{ meta: object; input: UserInput; output: User }>;
    /** Lists the members, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListUsersInput; output: UserPage }>;
  };
  workspaces: {
    /** Makes a workspace (admins). */
    create: TRPCMutationProcedure<{ meta: object; input: CreateWorkspaceInput; output: Workspace }>;
    /** Your workspaces; the header X-Nexus-Workspace chooses one where you are signed in. */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: WorkspaceList }>;
  };
  members: {
    /** Gives a member another role (owners). */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateMemberInput; output: Done }>;
    /** Ends a membership, and the member’s tokens for the workspace (owners). */
    delete: TRPCMutationProcedure<{ meta: object; input: MemberInput; output: Done }>;
  };
  invitations: {
    /** Invites a person by e-mail address (owners). No mail is sent: hand the token over. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateInvitationInput; output: NewInvitation }>;
    /** Lists the invitations, newest first (owners). */
    list: TRPCQueryProcedure<{ meta: object; input: ListInvitationsInput; output: InvitationPage }>;
    /** Ends an open invitation (owners). */
    revoke: TRPCMutationProcedure<{ meta: object; input: InvitationInput; output: Done }>;
    /** Lets the invited person in; the invitation is the credential. */
    accept: TRPCMutationProcedure<{ meta: object; input: AcceptInvitationInput; output: AcceptedInvitation }>;
  };
  tokens: {
    /** Makes an access token (owners). */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTokenInput; output: NewAccessToken }>;
    /** Lists the access tokens without their secrets (owners). */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: TokenList }>;
    /** Ends an access token (owners). */
    revoke: TRPCMutationProcedure<{ meta: object; input: TokenInput; output: Done }>;
  };
  topologies: {
    /** Creates a topology, with modules and context all or nothing. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTopologyInput; output: CreatedTopology }>;
    /** A topology with its recent context and its analytics. */
    get: TRPCQueryProcedure<{ meta: object; input: GetTopologyInput; output: TopologyDetails }>;
    /** Lists topologies, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListTopologiesInput; output: TopologyPage }>;
    /** Changes the fields that are given. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateTopologyInput; output: Topology }>;
    /** Deletes a topology with its modules, runs, checkpoints and documents, or tells what would go. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteTopologyInput; output: Deletion }>;
    /** What the training of a topology came to. */
    analytics: TRPCQueryProcedure<{ meta: object; input: TopologyInput; output: TopologyAnalytics }>;
  };
  modules: {
    /** Creates a QLoRA module of a topology. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateModuleInput; output: QloraModule }>;
    /** A QLoRA module. */
    get: TRPCQueryProcedure<{ meta: object; input: ModuleInput; output: QloraModule }>;
    /** Lists QLoRA modules, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListModulesInput; output: ModulePage }>;
    /** Changes the fields that are given. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateModuleInput; output: QloraModule }>;
    /** Makes two ready objects the module’s adapter, unless they contradict its record. */
    attachAdapter: TRPCMutationProcedure<{ meta: object; input: AttachAdapterInput; output: QloraModule }>;
    /** Deletes a module that nothing was made with, and its adapter. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteModuleInput; output: Deletion }>;
  };
  datasets: {
    /** Creates an empty dataset. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateDatasetInput; output: Dataset }>;
    /** A dataset. */
    get: TRPCQueryProcedure<{ meta: object; input: DatasetInput; output: Dataset }>;
    /** Lists datasets, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListDatasetsInput; output: DatasetPage }>;
    /** Deletes a dataset with its chunks and files, or tells what would go. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteDatasetInput; output: Deletion }>;
    /** Stores small files in a dataset’s folder; the dataset is made where it is new. */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadDatasetInput; output: UploadedDataset }>;
    /** Begins to read an uploaded JSONL file, gzip or not, into a dataset in the background. */
    ingest: TRPCMutationProcedure<{ meta: object; input: IngestDatasetInput; output: DatasetIngest }>;
    /** Lists the ingests of a dataset, newest first; those that are done are its versions. */
    ingests: TRPCQueryProcedure<{ meta: object; input: ListIngestsInput; output: DatasetIngestPage }>;
    /** An ingest as it is now. */
    getIngest: TRPCQueryProcedure<{ meta: object; input: IngestInput; output: DatasetIngest }>;
    /** How an ingest goes on, until it is finished. */
    followIngest: TRPCSubscriptionProcedure<{ meta: object; input: FollowIngestInput; output: AsyncIterable<Tracked<DatasetIngest>, void, unknown> }>;
    /** The lines that an ingest refused. */
    refusals: TRPCQueryProcedure<{ meta: object; input: ListRefusalsInput; output: IngestRefusalPage }>;
    /** SHA-256s of the texts that were in a version of a dataset. */
    versionHashes: TRPCQueryProcedure<{ meta: object; input: VersionHashesInput; output: VersionHashes }>;
    /** Measures how much of the truth searches of a dataset find, and how fast, and stores it. */
    recall: TRPCMutationProcedure<{ meta: object; input: MeasureRecallInput; output: DatasetRecalls }>;
    /** What was measured of a dataset, newest first. */
    recalls: TRPCQueryProcedure<{ meta: object; input: RecallsInput; output: DatasetRecalls }>;
  };
  chunks: {
    /** Adds a chunk to a dataset. */
    add: TRPCMutationProcedure<{ meta: object; input: AddChunkInput; output: AddedChunk }>;
    /** Adds up to 2,000 chunks to a dataset: all of them, or none. */
    addMany: TRPCMutationProcedure<{ meta: object; input: AddManyChunksInput; output: AddManyChunksResult }>;
    /** A chunk with its embedding. */
    get: TRPCQueryProcedure<{ meta: object; input: ChunkInput; output: ChunkWithEmbedding }>;
    /** Lists a dataset’s chunks, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListChunksInput; output: ChunkPage }>;
    /** Finds the nearest chunks by vector, by words, or by both. */
    search: TRPCQueryProcedure<{ meta: object; input: SearchChunksInput; output: ChunkHits }>;
    /** Deletes a chunk. */
    delete: TRPCMutationProcedure<{ meta: object; input: ChunkInput; output: Done }>;
  };
  training: {
    /** Starts a run, to be logged to. */
    start: TRPCMutationProcedure<{ meta: object; input: StartRunInput; output: TrainingRun }>;
    /** Writes up to 10,000 points of a run; sending them again changes nothing. */
    log: TRPCMutationProcedure<{ meta: object; input: LogPointsInput; output: LoggedPoints }>;
    /** Renews the lease of a run that has nothing to log; a lost one is running again. */
    heartbeat: TRPCMutationProcedure<{ meta: object; input: RunInput; output: Heartbeat }>;
    /** New points and the status of a run, each once, over every break of the connection. */
    live: TRPCSubscriptionProcedure<{ meta: object; input: FollowRunInput; output: AsyncIterable<Tracked<RunNews>, void, unknown> }>;
    /** Changes the name, tags and notes of a run, running or finished. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateRunInput; output: TrainingRun }>;
    /** Ends a run, completed or failed. */
    finish: TRPCMutationProcedure<{ meta: object; input: FinishRunInput; output: TrainingRun }>;
    /** Stores a finished run in one call: losses by epoch, accuracy, epochs, results. */
    saveResults: TRPCMutationProcedure<{ meta: object; input: SaveResultsInput; output: TrainingRunDetails }>;
    /** A run with what its series have come to. */
    get: TRPCQueryProcedure<{ meta: object; input: RunInput; output: TrainingRunDetails }>;
    /** Lists runs, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListRunsInput; output: TrainingRunPage }>;
    /** What a topology, module, dataset, chunk, run, model or checkpoint came from, and what came of it. */
    lineage: TRPCQueryProcedure<{ meta: object; input: LineageInput; output: Lineage }>;
    /** The curves of one key of several runs, in parts of the same steps. */
    compare: TRPCQueryProcedure<{ meta: object; input: CompareInput; output: Comparison }>;
    /** A range of a series, downsampled to the points asked for; no spike is lost. */
    history: TRPCQueryProcedure<{ meta: object; input: HistoryInput; output: Curve }>;
  };
  models: {
    /** Adds a version to a model, from a JSON document or from an uploaded object. */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadModelInput; output: ModelVersion }>;
    /** A version of a model with its document, where it is JSON, and a URL of its bytes. */
    download: TRPCQueryProcedure<{ meta: object; input: DownloadModelInput; output: DownloadedModel }>;
    /** A model, by its id or name, with its versions. */
    get: TRPCQueryProcedure<{ meta: object; input: ModelInput; output: ModelWithVersions }>;
    /** Lists models, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListModelsInput; output: ModelPage }>;
    /** Deletes a model with its versions and their bytes, or tells what would go. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteModelInput; output: Deletion }>;
    /** Deletes a version of a model with its bytes, or tells what would go. */
    deleteVersion: TRPCMutationProcedure<{ meta: object; input: DeleteModelVersionInput; output: Deletion }>;
    /** Gives a version of a model a name, such as champion; another version loses it. */
    setAlias: TRPCMutationProcedure<{ meta: object; input: SetAliasInput; output: ModelWithVersions }>;
    /** Takes a name away from a version of a model. */
    removeAlias: TRPCMutationProcedure<{ meta: object; input: RemoveAliasInput; output: ModelWithVersions }>;
  };
  checkpoints: {
    /** Keeps a checkpoint of a topology, from a JSON document or from an uploaded object. */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadCheckpointInput; output: Checkpoint }>;
    /** Lists a topology’s checkpoints, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListCheckpointsInput; output: CheckpointPage }>;
    /** A checkpoint. */
    get: TRPCQueryProcedure<{ meta: object; input: CheckpointInput; output: Checkpoint }>;
    /** Deletes a checkpoint with its bytes, or tells what would go. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteCheckpointInput; output: Deletion }>;
  };
  logs: {
    /** Stores a log under its day. */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadLogInput; output: StoredObject }>;
    /** Lists logs, of one day or of all, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListLogsInput; output: StoredObjectPage }>;
  };
  artifacts: {
    /** Stores an artifact of at most 16 MiB. */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadArtifactInput; output: StoredObject }>;
    /** Lists artifacts, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListArtifactsInput; output: StoredObjectPage }>;
  };
  objects: {
    /** Begins or resumes an upload: a pending object, and presigned URLs to which its bytes go. */
    begin: TRPCMutationProcedure<{ meta: object; input: BeginUploadInput; output: BegunUpload }>;
    /** Parts of an upload with fresh URLs, and which of them have arrived. */
    parts: TRPCQueryProcedure<{ meta: object; input: UploadPartsInput; output: UploadParts }>;
    /** Ends an upload: checks size and SHA-256 of what arrived, and turns the object to ready. */
    complete: TRPCMutationProcedure<{ meta: object; input: ObjectInput; output: StoredObject }>;
    /** Gives an upload up, with what arrived of it. */
    abort: TRPCMutationProcedure<{ meta: object; input: ObjectInput; output: Done }>;
    /** A URL that reads an object without a credential until it expires. */
    presign: TRPCMutationProcedure<{ meta: object; input: PresignObjectInput; output: PresignedUrl }>;
    /** What is known of an object. */
    get: TRPCQueryProcedure<{ meta: object; input: ObjectInput; output: StoredObject }>;
    /** Tensors of a safetensors file, read from its header. */
    tensors: TRPCQueryProcedure<{ meta: object; input: ObjectTensorsInput; output: ObjectTensors }>;
    /** Lists objects, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListObjectsInput; output: StoredObjectPage }>;
    /** Deletes an object and its bytes, unless something needs it; or tells what would go. */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteObjectInput; output: Deletion }>;
  };
  context: {
    /** Adds a context document. */
    add: TRPCMutationProcedure<{ meta: object; input: AddContextInput; output: ContextDocument }>;
    /** Adds up to 5,000 context documents, each with an answer of its own. */
    addMany: TRPCMutationProcedure<{ meta: object; input: AddManyContextInput; output: AddManyContextResult }>;
    /** A context document. */
    get: TRPCQueryProcedure<{ meta: object; input: ContextInput; output: ContextDocument }>;
    /** Changes a context document; what it was stays in its history. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateContextInput; output: ContextDocument }>;
    /** Deletes a context document; its history stays. */
    delete: TRPCMutationProcedure<{ meta: object; input: ContextInput; output: Done }>;
    /** What a context document is and was, the newest first. */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: ContextVersionPage }>;
    /** Lists context documents, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListContextInput; output: ContextPage }>;
    /** Tells of context documents as they are added, changed or deleted. */
    live: TRPCSubscriptionProcedure<{ meta: object; input: LiveContextInput; output: AsyncIterable<Tracked<ContextNews>, void, unknown> }>;
    /** Finds context documents by their words, the nearest first. */
    search: TRPCQueryProcedure<{ meta: object; input: SearchContextInput; output: ContextHitPage }>;
  };
  annotations: {
    /** Annotates a topology, a run, a model … */
    add: TRPCMutationProcedure<{ meta: object; input: AddAnnotationInput; output: Annotation }>;
    /** Lists annotations, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListAnnotationsInput; output: AnnotationPage }>;
    /** Changes an annotation: its author’s own, or any by an owner; what it was stays in its history. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateAnnotationInput; output: Annotation }>;
    /** What an annotation is and was, the newest first. */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: AnnotationVersionPage }>;
    /** Deletes an annotation: its author’s own, or any by an owner. */
    delete: TRPCMutationProcedure<{ meta: object; input: AnnotationInput; output: Done }>;
  };
  sessions: {
    /** Starts a session. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateSessionInput; output: Session }>;
    /** A session. */
    get: TRPCQueryProcedure<{ meta: object; input: SessionInput; output: Session }>;
    /** Logs one or many events of an active session. */
    log: TRPCMutationProcedure<{ meta: object; input: LogSessionInput; output: LoggedSessionEvents }>;
    /** Lists the events of a session in the order of their ids, the oldest first. */
    events: TRPCQueryProcedure<{ meta: object; input: SessionEventsInput; output: SessionEventPage }>;
    /** Ends a session; it may be repeated. */
    end: TRPCMutationProcedure<{ meta: object; input: EndSessionInput; output: Session }>;
    /** Lists sessions, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListSessionsInput; output: SessionPage }>;
  };
  experiments: {
    /** Starts an experiment. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateExperimentInput; output: Experiment }>;
    /** An experiment with its metrics. */
    get: TRPCQueryProcedure<{ meta: object; input: ExperimentInput; output: ExperimentWithMetrics }>;
    /** Lists experiments without their metrics, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListExperimentsInput; output: ExperimentPage }>;
    /** Tells of an experiment and its points so far, and then of each change and each point as it comes. */
    live: TRPCSubscriptionProcedure<{ meta: object; input: LiveExperimentInput; output: AsyncIterable<Tracked<ExperimentNews>, void, unknown> }>;
    /** Logs one or many points of a running experiment. */
    logMetrics: TRPCMutationProcedure<{ meta: object; input: LogExperimentMetricsInput; output: LoggedExperimentMetrics }>;
    /** Changes an experiment; what it was stays in its history. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateExperimentInput; output: Experiment }>;
    /** What an experiment is and was, the newest first. */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: ExperimentVersionPage }>;
    /** Ends an experiment with its results; it may be repeated. */
    complete: TRPCMutationProcedure<{ meta: object; input: CompleteExperimentInput; output: Experiment }>;
  };
  audit: {
    /** What was done in the workspace, newest first (owners). */
    list: TRPCQueryProcedure<{ meta: object; input: ListAuditInput; output: AuditPage }>;
  };
  search: {
    /** Finds chunks, context, topologies and models together, ranked, each with its type. */
    all: TRPCQueryProcedure<{ meta: object; input: SearchAllInput; output: SearchHits }>;
  };
  system: {
    /** Asks each store by itself, and says how long it took. */
    health: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Health }>;
    /** What this server is, and its limits. */
    info: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Info }>;
    /** Lists what is decided and not yet done in the other stores, oldest first. Admins only. */
    outbox: TRPCQueryProcedure<{ meta: object; input: OutboxInput; output: EffectPage }>;
    /** Has parked effects tried again. Admins only. */
    retryParked: TRPCMutationProcedure<{ meta: object; input: ParkedInput; output: ParkedResult }>;
    /** Gives parked effects up for good. Admins only. */
    discardParked: TRPCMutationProcedure<{ meta: object; input: ParkedInput; output: ParkedResult }>;
    /** Walks the three stores both ways and reports in what they disagree. Admins only; may take minutes. */
    verify: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: VerifyReport }>;
    /** Mends what can be mended safely. Admins only. */
    repair: TRPCMutationProcedure<{ meta: object; input: RepairInput; output: RepairResult }>;
  };
};
