// Generated from the server's contracts by `npm run generate`. Do not edit.
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure } from '@trpc/server';
import type { NexusErrorShape } from '../errors.ts';

/** Any JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** An item of a subscription, and the id from which a client that comes back goes on. */
export type Tracked<Item> = { id: string; data: Item };

/** Input of `invitations.accept`. */
export type AcceptInvitationInput = {
  /** As it was handed over: `invite_…`. At most 200 characters. */
  token: string;
  /** The name of a new person; the address where it is left out. 1 to 100 characters. */
  username?: string | undefined;
  /** At least 10 characters. Without one, only OIDC lets a new person sign in. Of who has an account: a new one, which ends every session. 10 to 128 characters. */
  password?: string | undefined;
  /** Whether the person’s tokens are to end too, in every workspace. `false` where it is left out. */
  endTokens?: boolean | undefined;
};

/** Answer of `invitations.accept`. */
export type AcceptedInvitation = {
  /** The user whose it is. */
  userId: number;
  /** Where the credential works. */
  workspace: {
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
  };
  /** The person’s role in the workspace. */
  role: Role;
  /** false: the person goes on signing in as before. */
  isPasswordSet: boolean;
};

/** A program’s credential, without its secret. */
export type AccessToken = {
  /** Assigned by the server, never reused. */
  id: string;
  /** The name for people. */
  name: string;
  /** The most that it may do. */
  scope: TokenScope;
  /** The user whose it is. */
  userId: number;
  /** When it stops working; null: never. */
  expiresAt: Date | null;
  /** When it was ended; null: it was not. */
  revokedAt: Date | null;
  /** Written at most every 30 s. */
  lastUsedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** Facts from a PEFT adapter_config.json. */
export type AdapterConfigContents = {
  /** The file’s format. */
  format: "peft-adapter-config";
  /** PEFT’s name for its type, such as `LORA`. */
  peftType: string;
  /** Rank of the low-rank update, LoRA’s r. */
  rank: number | null;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha: number | null;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout: number | null;
  /** null: a pattern, or the library’s own choice. */
  targetModules: string[] | null;
  /** Where the layers are named by a regular expression. */
  targetPattern: string | null;
  /** The model that it adapts, by its public name; null where nobody told one. */
  baseModel: string | null;
  /** Ranks that `rank_pattern` gives to some layers. */
  otherRanks: number[];
};

/** Input of `annotations.add`. */
export type AddAnnotationInput = {
  /** 123, "123" or "topology-123"; a document by its id. It must be in the workspace. */
  targetId: number | string;
  /** The kind of thing that it is about. */
  targetType: TargetType;
  /** The remark, as plain text. 1 to 20,000 characters. */
  annotation: string;
  /** Words to find it by. At most 50 items. */
  tags?: string[] | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

/** Input of `chunks.add`. */
export type AddChunkInput = {
  /** The text, up to 100,000 characters. */
  content: string;
  /** May be left out where the server makes embeddings of its own. */
  embedding?: Float32Array | number[] | string | undefined;
  /** Any JSON object; searches may filter by it. */
  metadata?: FreeJson | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

/** Input of `context.add`. */
export type AddContextInput = {
  /** Such as `training_note`. 1 to 100 characters. */
  type: string;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data: JsonValue;
  /** The topology that it is about: 123, "123" or "topology-123". */
  topologyId?: number | string | null | undefined;
  /** priority, author, tags … up to 64 KB; `author` and `tags` are searched too. */
  metadata?: FreeJson | undefined;
  /** An id of your own makes it safe to send the same document again. */
  id?: string | undefined;
};

/** Input of `chunks.addMany`. */
export type AddManyChunksInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** 1 to 2,000 chunks, 8,000,000 characters of text in all; all of them go in, or none. */
  chunks: NewChunk[];
};

/** Answer of `chunks.addMany`. */
export type AddManyChunksResult = {
  /** One a chunk, in the order given. */
  chunks: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** false: the dataset had this text already. */
    isNew: boolean;
  }>;
  /** How many of the texts the dataset did not have. */
  newCount: number;
};

/** Input of `context.addMany`. */
export type AddManyContextInput = {
  /** 1 to 5,000 documents as `add` takes them; a bad one is refused alone. */
  documents: AddContextInput[];
};

/** Answer of `context.addMany`. */
export type AddManyContextResult = {
  /** One a document, in the order given. */
  results: AddedContext[];
};

/** Answer of `chunks.add`. */
export type AddedChunk = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The dataset that it belongs to. */
  datasetId: number;
  /** The text. */
  content: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
  /** false: the dataset had this text already, which stays as it was. */
  isNew: boolean;
};

/** The result for one document. */
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
  /** Assigned by the server, never reused. */
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** "topology-123" for the topology 123, and so on; a text as given. */
  targetId: string;
  /** The kind of thing that it is about. */
  targetType: TargetType;
  /** The remark, as plain text. */
  annotation: string;
  /** Words to find it by. */
  tags: string[];
  /** When it was written, by the server’s clock. */
  timestamp: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** Input of `annotations.delete`. */
export type AnnotationInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** Answer of `annotations.list`. */
export type AnnotationPage = {
  /** In the order that the procedure tells. */
  items: Annotation[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A version of an annotation. */
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

/** Answer of `annotations.history`. */
export type AnnotationVersionPage = {
  /** In the order that the procedure tells. */
  items: AnnotationVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `modules.attachAdapter`. */
export type AttachAdapterInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  /** A ready `*.safetensors` object with LoRA pairs. */
  weightsObjectId: string;
  /** The ready `adapter_config.json` object that PEFT saved beside it. */
  configObjectId: string;
};

/** One change: its actor, target, time, address and token. */
export type AuditEntry = {
  /** Assigned by the server, never reused. */
  id: number;
  /** When it happened. */
  at: Date;
  /** The user who did it; null: the server itself. */
  userId: number | null;
  /** The procedure: `topologies.create`. */
  action: string;
  /** The thing changed: `topology:123`. */
  target: string;
  /** The token used; null where a person was signed in. */
  tokenId: string | null;
  /** The caller’s address. */
  address: string | null;
  /** Further facts. */
  details: FreeJson;
};

/** Answer of `audit.list`. */
export type AuditPage = {
  /** In the order that the procedure tells. */
  items: AuditEntry[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `objects.begin`. */
export type BeginUploadInput = {
  /** The kind of content, which decides the bucket. */
  kind: "model" | "checkpoint" | "dataset_file" | "log" | "artifact";
  /** The end of the key: `trained.safetensors`, `2024/chunk_001.jsonl`. 1 to 1,024 characters. */
  name: string;
  /** Bytes of the whole object, up to 5 TiB. 0 to 5,497,558,138,880. */
  sizeBytes: number;
  /** SHA-256 of the whole object. Above 16 MiB it may be left out where `partSha256s` is given; where it is not, `complete` reads the object once to check it. */
  sha256?: string | undefined;
  /** SHA-256 of each part, in order, for an object above 16 MiB. Where the store checks checksums, each part is then checked as it arrives, and `complete` reads nothing where they alone are given. Parts have 16 MiB, or for more than 10,000 of those the least whole number of MiB that makes 10,000. */
  partSha256s?: string[] | undefined;
  /** The media type, such as `application/json`. At most 255 characters. `"application/octet-stream"` where it is left out. */
  contentType?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
  /** For a `dataset_file`: the folder, which is the dataset’s name. 1 to 1,024 characters. */
  datasetName?: string | undefined;
  /** For a `checkpoint`: its topology. */
  topologyId?: number | string | undefined;
  /** For a `log`: its day, YYYY-MM-DD; today in UTC where it is left out. */
  date?: string | undefined;
};

/** Answer of `objects.begin`. */
export type BegunUpload = {
  /** The object as it is now. */
  object: StoredObject;
  /** null: these bytes are there already, and nothing is to be sent. */
  upload: SinglePut | PartUpload | null;
  /** When the URLs stop working. */
  expiresAt: Date | null;
};

/** The state of a topology’s training at a step. */
export type Checkpoint = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The name for people. */
  name: string;
  /** The topology that it belongs to. */
  topologyId: number;
  /** The run that it is of; null: of none. */
  runId: number | null;
  /** A whole number from 0 to 2^53 - 1; it grows as the training goes on. */
  step: number | null;
  /** The key of its bytes in the bucket: `checkpoints/topology-123/epoch-5.json`. */
  path: string;
  /** The bucket of its bytes. */
  bucket: string;
  /** Id of a stored object. */
  objectId: string;
  /** How many bytes. */
  sizeBytes: number;
  /** SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes. */
  sha256: string | null;
  /** SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another. */
  partsSha256: string | null;
  /** The media type, such as `application/json`. */
  contentType: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Input of `checkpoints.get`. */
export type CheckpointInput = {
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  id: number | string;
};

/** Answer of `checkpoints.list`. */
export type CheckpointPage = {
  /** In the order that the procedure tells. */
  items: Checkpoint[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A piece of text. Its embedding is kept beside it, and given where it is asked for. */
export type Chunk = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The dataset that it belongs to. */
  datasetId: number;
  /** The text. */
  content: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
};

/** A chunk that a search found. */
export type ChunkHit = {
  /** The chunk, without its embedding. */
  chunk: Chunk;
  /** Greater is nearer: cosine similarity (-1 to 1), rank of the words (0 to 1), or, for both, 1 / (60 + place) summed. */
  score: number;
  /** Cosine similarity, -1 to 1; null where only text was given. */
  similarity: number | null;
  /** Passages with the words found between « and »; null where they are not in it. Of long texts the beginning is looked at. Plain text: escape it. */
  highlight: string | null;
};

/** Answer of `chunks.search`. */
export type ChunkHits = {
  /** In the order that the procedure tells. */
  items: ChunkHit[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
  /** The ranking used: `words` alone where the embeddings endpoint is away and the text has no embedding. */
  by: "vector" | "words" | "both";
  /** false: a limit stopped the search, and nearer chunks may be missing; or, on the last page by both, the rankings went no deeper (4 k, from 200 to 1,000 of each) and more may match. */
  complete: boolean;
  /** Candidates that the index looked at; null: every chunk was compared, or only words were asked for. */
  efSearch: number | null;
};

/** Input of `chunks.get`. */
export type ChunkInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A chunk's id: 123, "123" or "chunk-123". */
  id: number | string;
};

/** Answer of `chunks.list`. */
export type ChunkPage = {
  /** In the order that the procedure tells. */
  items: Chunk[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A piece of text with its embedding. */
export type ChunkWithEmbedding = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The dataset that it belongs to. */
  datasetId: number;
  /** The text. */
  content: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who added it; null: the server. */
  createdBy: number | null;
  /** 384 floats. */
  embedding: Float32Array;
};

/** Input of `training.compare`. */
export type CompareInput = {
  /** The runs, in the order in which they are to be answered. 1 to 50 items. */
  runIds: Array<number | string>;
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1. `0` where it is left out. */
  fromStep?: number | undefined;
  /** Itself included. */
  toStep?: number | undefined;
  /** At most so many parts of equal width, 1 to 500. `100` where it is left out. */
  parts?: number | undefined;
};

/** One run of a comparison. */
export type ComparedRun = {
  /** The run that it is of. */
  runId: number;
  /** The name of the run. */
  name: string;
  /** Points of the whole series; 0 where the run has no such series. */
  count: number;
  /** Those that have points, in the order of their steps. */
  parts: CurvePart[];
};

/** Curves of several runs, aligned by their steps. */
export type Comparison = {
  /** The name of the series: `loss`, `val/accuracy`. */
  key: string;
  /** Where the first part begins. */
  fromStep: number;
  /** How many steps wide each part is; the same parts for every run. */
  partSteps: number;
  /** In the order asked for. */
  runs: ComparedRun[];
};

/** Input of `experiments.complete`. */
export type CompleteExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The results, any JSON object up to 1 MB. */
  results: FreeJson;
  /** How it stands. `"completed"` where it is left out. */
  status?: "completed" | "failed" | undefined;
};

/** A note, a measurement or any other engineering context. */
export type ContextDocument = {
  /** As it was given, or made by the server. */
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** Its kind, in a word of your own. */
  type: string;
  /** Text or any JSON, as given. */
  data: JsonValue;
  /** The topology that it belongs to; null: to none. */
  topologyId: number | null;
  /** priority, author, tags …, as given. */
  metadata: { [key: string]: JsonValue };
  /** When it was written, by the server’s clock. */
  timestamp: Date;
  /** The user who wrote it; null: another program. */
  createdBy: number | null;
};

/** A document that a search found. */
export type ContextHit = {
  /** The document as it is now. */
  document: ContextDocument;
  /** 0 to 1; greater is nearer. By both, the rankings fused by reciprocal ranks. */
  score: number;
  /** Up to two passages with the words found between « and »; the beginning where none is; of long texts the beginning is looked at. Plain text: escape it before showing it. */
  highlight: string;
};

/** Answer of `context.search`. */
export type ContextHitPage = {
  /** In the order that the procedure tells. */
  items: ContextHit[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
  /** The ranking used: `words` alone where the embeddings endpoint is away. */
  by: "words" | "meaning" | "both";
};

/** Input of `context.get`. */
export type ContextInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** A context document that was added, changed or deleted. */
export type ContextNews = {
  /** Assigned by the server, never reused. */
  id: string;
  /** null: it was deleted. */
  document: ContextDocument | null;
};

/** Answer of `context.list`. */
export type ContextPage = {
  /** In the order that the procedure tells. */
  items: ContextDocument[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A version of a context document. */
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

/** Answer of `context.history`. */
export type ContextVersionPage = {
  /** In the order that the procedure tells. */
  items: ContextVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `datasets.create`. */
export type CreateDatasetInput = {
  /** Unique in the workspace; the folder of its files. 1 to 1,024 characters. */
  name: string;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

/** Input of `experiments.create`. */
export type CreateExperimentInput = {
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** The parameters tried, any JSON object up to 256 KB. */
  parameters?: FreeJson | undefined;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
};

/** Input of `invitations.create`. */
export type CreateInvitationInput = {
  /** The person’s address; nothing is sent there. At most 320 characters. */
  email: string;
  /** The person’s role in the workspace. `"editor"` where it is left out. */
  role?: Role | undefined;
  /** Whether the person is to administer the installation (admins only). `false` where it is left out. */
  makesAdmin?: boolean | undefined;
  /** How long it holds. 1 to 30. `7` where it is left out. */
  days?: number | undefined;
};

/** Input of `modules.create`. */
export type CreateModuleInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. 1 to 4,096. `16` where it is left out. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. `32` where it is left out. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. `0` where it is left out. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. `4` where it is left out. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. 1 to 256 items. `["q_proj","v_proj"]` where it is left out. */
  targetModules?: string[] | undefined;
  /** The model that it adapts, by its public name; null where nobody told one. 1 to 500 characters. */
  baseModel?: string | null | undefined;
  /** Any JSON object, kept as given. */
  config?: FreeJson | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
};

/** Input of `sessions.create`. */
export type CreateSessionInput = {
  /** Yourself; an owner or an admin may name another member. */
  userId?: number | string | undefined;
  /** Such as `model_development`. 1 to 100 characters. */
  sessionType: string;
  /** Any JSON object, up to 64 KB. */
  metadata?: FreeJson | undefined;
};

/** Input of `tokens.create`. */
export type CreateTokenInput = {
  /** Its purpose, so that you know which one to revoke. 1 to 100 characters. */
  name: string;
  /** The most that it may do. `"write"` where it is left out. */
  scope?: TokenScope | undefined;
  /** The token’s user; yourself where it is left out. */
  userId?: number | string | undefined;
  /** When it ends; never where it is left out. */
  expiresAt?: Date | undefined;
};

/** Input of `topologies.create`. */
export type CreateTopologyInput = {
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Such as `transformer` or `graph-network`. 1 to 100 characters. */
  architecture: string;
  /** layers 1-50, dimensions 64-4096, attention_heads 1-32; any other JSON is kept as given. */
  config?: TopologyConfig | undefined;
  /** Yourself; an admin may name another member. */
  createdBy?: number | string | undefined;
  /** Modules of the topology; all of them are made with it, or nothing is. At most 100 items. */
  modules?: NewModule[] | undefined;
  /** Context documents about it, which reach CouchDB right after the answer, or when it is back. At most 100 items. */
  context?: NewContext[] | undefined;
  /** Answer when the documents are in CouchDB, or after 5 s; `effects` says which. `false` where it is left out. */
  awaitEffects?: boolean | undefined;
};

/** Input of `users.create`. */
export type CreateUserInput = {
  /** The name by which people know each other. 1 to 100 characters. */
  username: string;
  /** The e-mail address, unique in the installation. At most 320 characters. */
  email: string;
  /** The person’s role; `editor` where it is left out. */
  role?: Role | undefined;
};

/** Input of `workspaces.create`. */
export type CreateWorkspaceInput = {
  /** Its objects’ keys begin with it. */
  name: string;
};

/** A topology with what was made together with it. */
export type CreatedTopology = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. */
  description: string;
  /** Such as `transformer` or `graph-network`. */
  architecture: string;
  /** Any JSON object, kept as given. */
  config: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
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

/** The user and the workspace of this token. */
export type CurrentUser = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The name by which people know each other. */
  username: string;
  /** The e-mail address, unique in the installation. */
  email: string;
  /** The person’s role in the workspace. */
  role: Role;
  /** Whether this person administers the installation. */
  isAdmin: boolean;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Where the credential works. */
  workspace: {
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
  };
};

/** A range of a series, all of it or downsampled; every point is one that was logged. */
export type Curve = {
  /** The run. */
  runId: number;
  /** The name of the series: `loss`, `val/accuracy`. */
  key: string;
  /** Points of the whole series. */
  count: number;
  /** false: these are all points of the range. */
  isSampled: boolean;
  /** In the order of their steps; of a sampled range its first and last, and the least and greatest of each part. */
  points: CurvePoint[];
};

/** Figures of the points in one part of a curve. */
export type CurvePart = {
  /** From 0; it begins at `fromStep` + part * `partSteps`. */
  part: number;
  /** Points in it. */
  count: number;
  /** Mean of the finite values; null where there is none. */
  mean: number | null;
  /** The least value of the part; null where none is a number. */
  min: number | null;
  /** The greatest value of the part; null where none is a number. */
  max: number | null;
};

/** A point as it was logged. */
export type CurvePoint = {
  /** A whole number from 0 to 2^53 - 1; it grows as the training goes on. */
  step: number;
  /** The measured number; NaN and infinities are kept. */
  value: number;
  /** When it was measured. */
  time: Date;
};

/** A named collection of files and of embedded text chunks. */
export type Dataset = {
  /** Assigned by the server, never reused. */
  id: number;
  /** Unique in the workspace; the folder of its files. */
  name: string;
  /** In words, for people. */
  description: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** Text chunks in it. */
  chunkCount: number;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A small file that travels inside the call. */
export type DatasetFile = {
  /** The path below the dataset’s folder: `chunk_001.jsonl`. 1 to 1,024 characters. */
  name: string;
  /** A string is stored as text, anything else as JSON. */
  data: JsonValue;
  /** The media type, such as `application/x-ndjson`. At most 255 characters. */
  type?: string | undefined;
};

/** The reading of an uploaded file into a dataset, and, when it is done, a version of the dataset. */
export type DatasetIngest = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The dataset that it belongs to. */
  datasetId: number;
  /** Id of a stored object. */
  objectId: string;
  /** The key of the file that is read. */
  objectKey: string;
  /** SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes. */
  objectSha256: string | null;
  /** SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another. */
  objectPartsSha256: string | null;
  /** How it stands. */
  status: "running" | "done" | "failed" | "canceled";
  /** Bytes of the file as stored. */
  sizeBytes: number;
  /** Bytes of the file that are read, as they are stored. */
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
  /** When it ended; null while it runs. */
  finishedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Answer of `datasets.ingests`. */
export type DatasetIngestPage = {
  /** In the order that the procedure tells. */
  items: DatasetIngest[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `datasets.get`. */
export type DatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  id: number | string;
};

/** Answer of `datasets.list`. */
export type DatasetPage = {
  /** In the order that the procedure tells. */
  items: Dataset[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** How much of the truth a search of a dataset finds, and how fast. */
export type DatasetRecall = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The dataset that it belongs to. */
  datasetId: number;
  /** So many of the nearest. */
  k: number;
  /** Candidates that the index looked at. */
  efSearch: number;
  /** Share of the true nearest k that the index found, 0 to 1. */
  recall: number;
  /** Queries that were asked. */
  sampleCount: number;
  /** Chunks that the dataset had. */
  chunkCount: number;
  /** Median time of a search by the index, in the server. */
  medianMs: number;
  /** 95th percentile of the search times, in milliseconds. */
  p95Ms: number;
  /** Median time of comparing every vector. */
  exactMedianMs: number;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
};

/** Answer of `datasets.recall`. */
export type DatasetRecalls = {
  /** Newest first, the latest 100. */
  items: DatasetRecall[];
};

/** Input of `checkpoints.delete`. */
export type DeleteCheckpointInput = {
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `datasets.delete`. */
export type DeleteDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `models.delete`. */
export type DeleteModelInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `models.deleteVersion`. */
export type DeleteModelVersionInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** The number of the version that goes. 1 to 2,147,483,647. */
  version: number;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `modules.delete`. */
export type DeleteModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `objects.delete`. */
export type DeleteObjectInput = {
  /** Id of a stored object. */
  id: string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Input of `topologies.delete`. */
export type DeleteTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  /** true: tells what would go, and deletes nothing. `false` where it is left out. */
  dryRun?: boolean | undefined;
};

/** Everything that a deletion takes with it. */
export type Deletion = {
  /** Assigned by the server, never reused. */
  id: number | string;
  /** true: nothing was deleted. */
  dryRun: boolean;
  /** Rows that go, by table. */
  rows: Array<{
    /** The table of PostgreSQL. */
    table: string;
    /** How many of them. */
    rowCount: number;
  }>;
  /** Objects that go from the object store, right after the rows. */
  objectCount: number;
  /** Their bytes; those that something else shares stay. */
  objectBytes: number;
  /** Notes, annotations and experiments that go, with their metrics and histories, which are not counted; null where there are none to look for, and where it was no dry run. */
  documentCount: number | null;
};

/** Input of `context.history`. */
export type DocumentHistoryInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** The thing that was changed. */
export type Done = {
  /** Assigned by the server, never reused. */
  id: number | string;
};

/** Input of `models.download`. */
export type DownloadModelInput = {
  /** The name of the model, instead of its id. 1 to 200 characters. */
  name?: string | undefined;
  /** Instead of name. */
  id?: number | string | undefined;
  /** The latest where neither this nor alias is given. 1 to 2,147,483,647. */
  version?: number | undefined;
  /** Instead of version: the one that has this alias. */
  alias?: string | undefined;
  /** How long the URL works, up to seven days. 1 to 604,800. `3600` where it is left out. */
  expirySeconds?: number | undefined;
  /** The name under which a browser saves it. At most 255 characters. */
  fileName?: string | undefined;
};

/** Answer of `models.download`. */
export type DownloadedModel = {
  /** The model that it belongs to. */
  modelId: number;
  /** The name of the model. */
  name: string;
  /** 1, 2, 3 …; a number is never given twice. */
  version: number;
  /** The key of its bytes in the bucket: `models/my-model-v1.json`. */
  path: string;
  /** The bucket of its bytes. */
  bucket: string;
  /** Id of a stored object. */
  objectId: string;
  /** How many bytes. */
  sizeBytes: number;
  /** SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes. */
  sha256: string | null;
  /** SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another. */
  partsSha256: string | null;
  /** The media type, such as `application/json`. */
  contentType: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** The topology that it belongs to; null: to none. */
  topologyId: number | null;
  /** The QLoRA module that it was made with; null: none. */
  moduleId: number | null;
  /** The run that it is of; null: of none. */
  runId: number | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
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
  /** Assigned by the server, never reused. */
  id: number;
  /** The workspace that it belongs to. */
  workspaceId: number;
  /** The action, with its version: `objects.remove.v1`. */
  kind: string;
  /** The thing that it changes. Effects of one entity are applied in order. */
  entity: string;
  /** How often it was tried. */
  attempts: number;
  /** When it is tried next, or until when a server has it in work. */
  availableAt: Date;
  /** Since when it waits for a person; null while it is tried. */
  parkedAt: Date | null;
  /** Why the last attempt failed; null where none did. */
  lastError: string | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
};

/** Answer of `system.outbox`. */
export type EffectPage = {
  /** In the order that the procedure tells. */
  items: Effect[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `sessions.end`. */
export type EndSessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The outcome, in words. At most 20,000 characters. */
  summary?: string | undefined;
};

/** Answer of `signIns.endAll`. */
export type EndedSignIns = {
  /** How many ended. */
  count: number;
};

/** A series of trials with a topology. */
export type Experiment = {
  /** Assigned by the server, never reused. */
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** The name for people. */
  name: string;
  /** In words, for people. */
  description: string;
  /** null: another program wrote it without one. */
  topologyId: number | null;
  /** How it stands. */
  status: ExperimentStatus;
  /** The parameters tried, any JSON object as given. */
  parameters: FreeJson;
  /** null while it runs. */
  results: FreeJson | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was completed; null until then. */
  completedAt: Date | null;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** Input of `experiments.get`. */
export type ExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** Values measured at one point (epoch, train_loss …), as given. */
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

/** Answer of `experiments.list`. */
export type ExperimentPage = {
  /** In the order that the procedure tells. */
  items: Experiment[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** How an experiment stands: it takes points while it is running. */
export type ExperimentStatus = "running" | "completed" | "failed";

/** A version of an experiment. */
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

/** Answer of `experiments.history`. */
export type ExperimentVersionPage = {
  /** In the order that the procedure tells. */
  items: ExperimentVersion[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** An experiment with its metrics. */
export type ExperimentWithMetrics = {
  /** Assigned by the server, never reused. */
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** The name for people. */
  name: string;
  /** In words, for people. */
  description: string;
  /** null: another program wrote it without one. */
  topologyId: number | null;
  /** How it stands. */
  status: ExperimentStatus;
  /** The parameters tried, any JSON object as given. */
  parameters: FreeJson;
  /** null while it runs. */
  results: FreeJson | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was completed; null until then. */
  completedAt: Date | null;
  /** The user who made it; null: the server, or another program. */
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
  /** The workspace that it belongs to; null: to none. */
  workspaceId: number | null;
  /** The problem, in words. */
  detail: string;
  /** The action that `repair` would take; null where only a person can mend it. */
  repair: string | null;
};

/** Input of `training.finish`. */
export type FinishRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
  /** How it stands. `"completed"` where it is left out. */
  status?: "completed" | "failed" | undefined;
  /** The results, any JSON object up to 256 KB: `{"final_model": "path/to/model.pt"}`. */
  results?: FreeJson | undefined;
  /** A share, 0 to 1. */
  accuracy?: number | undefined;
  /** How many epochs were trained. 0 to 2,147,483,647. */
  epochs?: number | undefined;
  /** Replaces those that it has; what went wrong, for instance. At most 10,000 characters. */
  notes?: string | undefined;
};

/** Input of `datasets.followIngest`. */
export type FollowIngestInput = {
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
  /** Id of the last event seen; the client sends it itself. At most 100 characters. */
  lastEventId?: string | null | undefined;
};

/** Input of `training.live`. */
export type FollowRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  /** Goes on after this revision; from now on where it is left out. */
  lastEventId?: string | undefined;
};

/** Any JSON object, kept as given. */
export type FreeJson = { [key: string]: JsonValue };

/** Input of `topologies.get`. */
export type GetTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  /** Also read these; an empty list reads the row alone. At most 2 items. `["context","analytics"]` where it is left out. */
  include?: Array<"context" | "analytics"> | undefined;
};

/** Each store by itself. */
export type Health = {
  /** unhealthy where any store is. */
  status: "healthy" | "unhealthy";
  /** Each by itself. */
  stores: {
    /** PostgreSQL: rows and vectors. */
    postgres: StoreHealth;
    /** The object store: bytes. */
    objects: StoreHealth;
    /** CouchDB: context, annotations, sessions, experiments. */
    documents: StoreHealth;
  };
  /** Effects decided, but not yet applied in the other stores. */
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
  /** Assigned by the server, never reused. */
  id: number;
  /** How it stands. */
  status: RunStatus;
  /** When it counts as lost, unless something is heard of it; null where it is over. */
  leaseExpiresAt: Date | null;
};

/** Input of `training.history`. */
export type HistoryInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  /** The name of the curve, 1 to 250 characters: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1. `0` where it is left out. */
  fromStep?: number | undefined;
  /** Itself included. */
  toStep?: number | undefined;
  /** At most so many, 10 to 2,000; a range that has more is downsampled. `500` where it is left out. */
  points?: number | undefined;
};

/** Facts about this server. */
export type Info = {
  /** The server’s version. */
  version: string;
  /** When it began. */
  startedAt: Date;
  /** Which stores are this server’s own; false: it uses the one at an address. */
  embedded: {
    /** PostgreSQL: rows and vectors. */
    postgres: boolean;
    /** The object store: bytes. */
    objects: boolean;
    /** CouchDB: context, annotations, sessions, experiments. */
    documents: boolean;
  };
  /** Limits of one call. */
  limits: {
    /** Numbers of an embedding. */
    embeddingDimensions: number;
    /** Most chunks that one call takes. */
    chunksPerCall: number;
    /** Most points that one call takes. */
    pointsPerCall: number;
    /** Most documents that one call takes. */
    documentsPerCall: number;
  };
};

/** Input of `datasets.ingest`. */
export type IngestDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A ready object of kind `dataset_file`: a JSON object `{ content, embedding, metadata }` a line, gzip or not. */
  objectId: string;
};

/** Input of `datasets.getIngest`. */
export type IngestInput = {
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
};

/** A line that is no chunk. */
export type IngestRefusal = {
  /** From 1. */
  line: number;
  /** Why, in words. */
  reason: string;
};

/** In the order of the lines; the first 10,000 are kept. */
export type IngestRefusalPage = {
  /** In the order that the procedure tells. */
  items: IngestRefusal[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Lets one person into the workspace. */
export type Invitation = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The e-mail address, unique in the installation. */
  email: string;
  /** The person’s role in the workspace. */
  role: Role;
  /** Whether the person is to administer the installation. */
  makesAdmin: boolean;
  /** When it stops working. */
  expiresAt: Date;
  /** When it was accepted; null: it was not. */
  acceptedAt: Date | null;
  /** When it was ended; null: it was not. */
  revokedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** Input of `invitations.revoke`. */
export type InvitationInput = {
  /** An invitation's id: 123, "123" or "invitation-123". */
  id: number | string;
};

/** Answer of `invitations.list`. */
export type InvitationPage = {
  /** In the order that the procedure tells. */
  items: Invitation[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** The origins and results of something; each list newest first, at most 1,000. */
export type Lineage = {
  /** Those that these runs are of, or this one itself. */
  topologies: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
  }>;
  /** Those that these runs used, or this one itself. */
  modules: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
    /** The topology that it belongs to. */
    topologyId: number;
  }>;
  /** One a run that used it. */
  datasets: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
    /** The number of the version, from 1. */
    version: number | null;
    /** The run that it is of. */
    runId: number;
  }>;
  /** Newest first, at most 200. */
  runs: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
    /** The topology that it belongs to. */
    topologyId: number;
    /** How it stands. */
    status: string;
    /** The sweep that it is a trial of; null: of none. */
    parentRunId: number | null;
  }>;
  /** Whether there are more runs than are listed. */
  hasMoreRuns: boolean;
  /** Made by these runs, or this one itself. */
  modelVersions: Array<{
    /** The model that it belongs to. */
    modelId: number;
    /** The name for people. */
    name: string;
    /** The number of the version, from 1. */
    version: number;
    /** The run that it is of; null: of none. */
    runId: number | null;
  }>;
  /** Made by these runs, or this one itself. */
  checkpoints: Array<{
    /** Assigned by the server, never reused. */
    id: number;
    /** The name for people. */
    name: string;
    /** A whole number from 0 to 2^53 - 1; it grows as the training goes on. */
    step: number | null;
    /** The run that it is of; null: of none. */
    runId: number | null;
  }>;
};

/** Input of `training.lineage`. */
export type LineageInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** A module's id: 123, "123" or "module-123". */
  moduleId?: number | string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId?: number | string | undefined;
  /** With datasetId: this version only. 1 to 2,147,483,647. */
  datasetVersion?: number | undefined;
  /** With datasetId: a chunk of it. */
  chunkId?: number | string | undefined;
  /** A run's id: 123, "123" or "run-123". */
  runId?: number | string | undefined;
  /** A model's id: 123, "123" or "model-123". */
  modelId?: number | string | undefined;
  /** With modelId: this version only. 1 to 2,147,483,647. */
  modelVersion?: number | undefined;
  /** A checkpoint's id: 123, "123" or "checkpoint-123". */
  checkpointId?: number | string | undefined;
};

/** Input of `annotations.list`. */
export type ListAnnotationsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** With `targetType`; a number alone is a topology’s. */
  targetId?: number | string | undefined;
  /** The kind of thing that it is about. */
  targetType?: TargetType | undefined;
};

/** Input of `artifacts.list`. */
export type ListArtifactsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** The beginning of the path below `artifacts/`. At most 1,024 characters. */
  prefix?: string | undefined;
};

/** Input of `audit.list`. */
export type ListAuditInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A user's id: 123, "123" or "user-123". */
  userId?: number | string | undefined;
  /** One procedure, or all of a noun: `topologies.create`, `topologies`. At most 200 characters. */
  action?: string | undefined;
  /** `topology:123`. At most 300 characters. */
  target?: string | undefined;
  /** The id of an access token, as `tokens.list` tells it. */
  tokenId?: string | undefined;
  /** From this moment on. */
  since?: Date | undefined;
  /** Before this moment. */
  until?: Date | undefined;
};

/** Input of `checkpoints.list`. */
export type ListCheckpointsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
};

/** Input of `chunks.list`. */
export type ListChunksInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

/** Input of `context.list`. */
export type ListContextInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** Such as `training_note`. 1 to 100 characters. */
  type?: string | undefined;
};

/** Input of `datasets.list`. */
export type ListDatasetsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** Part of the name, in any case. At most 200 characters. */
  name?: string | undefined;
};

/** Input of `experiments.list`. */
export type ListExperimentsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** Those that stand so. */
  status?: ExperimentStatus | undefined;
};

/** Input of `datasets.ingests`. */
export type ListIngestsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** `done`: the versions of the dataset. */
  status?: "running" | "done" | "failed" | "canceled" | undefined;
};

/** Input of `invitations.list`. */
export type ListInvitationsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
};

/** Input of `logs.list`. */
export type ListLogsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** YYYY-MM-DD in UTC. */
  date?: string | undefined;
};

/** Input of `models.list`. */
export type ListModelsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** Part of the name, in any case. At most 200 characters. */
  name?: string | undefined;
};

/** Input of `modules.list`. */
export type ListModulesInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
};

/** Input of `objects.list`. */
export type ListObjectsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** Those of this kind. */
  kind?: "model" | "checkpoint" | "dataset_file" | "log" | "artifact" | undefined;
  /** The beginning of the key: `checkpoints/topology-123/`. At most 1,024 characters. */
  prefix?: string | undefined;
  /** Those that stand so. */
  status?: "pending" | "ready" | undefined;
};

/** Input of `datasets.refusals`. */
export type ListRefusalsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** An ingest's id: 123, "123" or "ingest-123". */
  id: number | string;
};

/** Input of `training.list`. */
export type ListRunsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** A module's id: 123, "123" or "module-123". */
  moduleId?: number | string | undefined;
  /** Runs that used it. */
  datasetId?: number | string | undefined;
  /** The trials of a sweep. */
  parentRunId?: number | string | undefined;
  /** How it stands. */
  status?: RunStatus | undefined;
  /** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
  filter?: RunFilter | undefined;
  /** Newest first where it is left out. */
  sort?: RunSort | undefined;
};

/** Input of `sessions.list`. */
export type ListSessionsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A user's id: 123, "123" or "user-123". */
  userId?: number | string | undefined;
  /** true: those that have not ended; false: those that have. */
  isActive?: boolean | undefined;
};

/** Input of `topologies.list`. */
export type ListTopologiesInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** Exactly this one. At most 100 characters. */
  architecture?: string | undefined;
  /** Part of the name, in any case. At most 200 characters. */
  name?: string | undefined;
  /** A user's id: 123, "123" or "user-123". */
  createdBy?: number | string | undefined;
};

/** Input of `users.list`. */
export type ListUsersInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
};

/** Input of `context.live`. */
export type LiveContextInput = {
  /** Left out: all of the workspace. */
  topologyId?: number | string | undefined;
  /** The id of the last event that was seen. */
  lastEventId?: string | undefined;
};

/** Input of `experiments.live`. */
export type LiveExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The id of the last event that was seen. */
  lastEventId?: string | undefined;
};

/** Input of `experiments.logMetrics`. */
export type LogExperimentMetricsInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** A point ({ epoch, train_loss … }) or a list of 1 to 1,000, each up to 16 KB; `timestamp` is the server’s. */
  metrics: { [key: string]: JsonValue } | Array<{ [key: string]: JsonValue }>;
  /** An id of your own for each point makes it safe to send the same points again. 1 to 1,000 items. */
  ids?: string[] | undefined;
};

/** Input of `training.log`. */
export type LogPointsInput = {
  /** A run's id: 123, "123" or "run-123". */
  runId: number | string;
  /** A point each; may be left out where there are columns. At most 10,000 items. */
  points?: MetricPoint[] | undefined;
  /** The same by columns, which takes less time; of the TypeScript client alone. At most 10,000 items. */
  columns?: MetricColumns[] | undefined;
};

/** Input of `sessions.log`. */
export type LogSessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** An event or a list of 1 to 1,000. */
  events: NewSessionEvent | NewSessionEvent[];
  /** An id of your own for each event makes it safe to send the same events again; let them grow with time. 1 to 1,000 items. */
  ids?: string[] | undefined;
};

/** The points as they are stored. */
export type LoggedExperimentMetrics = {
  /** Assigned by the server, never reused. */
  id: string;
  /** The ids of the points, in the order given. */
  ids: string[];
};

/** A point as it is stored. */
export type LoggedPoint = {
  /** The name of the series: `loss`, `val/accuracy`. */
  key: string;
  /** A whole number from 0 to 2^53 - 1; it grows as the training goes on. */
  step: number;
  /** The measured number; NaN and infinities are kept. */
  value: number;
  /** When it was measured. */
  time: Date;
};

/** Answer of `training.log`. */
export type LoggedPoints = {
  /** The run. */
  runId: number;
  /** New points. */
  added: number;
  /** Points that were there with this value; they stay as they were. */
  same: number;
  /** Points that were there with another value, which is now this one. */
  replaced: number;
  /** The run’s revision after this call; `training.live` goes on from it. */
  revision: number;
};

/** The events as they are stored. */
export type LoggedSessionEvents = {
  /** Assigned by the server, never reused. */
  id: string;
  /** The ids of the events, in the order given. */
  ids: string[];
};

/** Input of `datasets.recall`. */
export type MeasureRecallInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** So many of the nearest. 1 to 100. `10` where it is left out. */
  k?: number | undefined;
  /** Vectors that were really asked for, 1 to 200; fewer of them are asked where a minute is over. */
  queries?: Array<Float32Array | number[] | string> | undefined;
  /** Without `queries`: chunks of the dataset whose own vectors are the queries; fewer where a minute is over. 1 to 200. `30` where it is left out. */
  sampleCount?: number | undefined;
  /** Values to measure, each from 1 to 1,000; those below k + 1 count as k + 1, for no search looks at fewer. `[20,50,100,200,400]` where it is left out. */
  efSearch?: number[] | undefined;
};

/** Input of `members.delete`. */
export type MemberInput = {
  /** A user's id: 123, "123" or "user-123". */
  userId: number | string;
};

/** All that is given must hold for the value at `path`. */
export type MetadataCondition = {
  /** A key of the metadata, or the keys that lead to a nested value. 1 to 200 characters. */
  path: string | string[];
  /** The same value, of the same type. */
  equals?: string | number | boolean | null | undefined;
  /** One of these values. 1 to 100 items. */
  in?: Array<string | number | boolean | null> | undefined;
  /** Greater: numbers by value, text by code points. */
  gt?: number | string | undefined;
  /** This or greater. */
  gte?: number | string | undefined;
  /** Less than this. */
  lt?: number | string | undefined;
  /** This or less. */
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

/** A value of one curve at one step. */
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
  /** Assigned by the server, never reused. */
  id: number;
  /** Unique in the workspace. */
  name: string;
  /** In words, for people. */
  description: string;
  /** The number of its newest version. */
  latestVersion: number;
  /** Names for versions, such as `champion`, in the order of the alphabet. */
  aliases: Array<{
    /** The name of a version, unique in its model. */
    alias: string;
    /** The number of the version, from 1. */
    version: number;
  }>;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Input of `models.get`. */
export type ModelInput = {
  /** The model’s id or its name. */
  id: number | string;
};

/** Answer of `models.list`. */
export type ModelPage = {
  /** In the order that the procedure tells. */
  items: Model[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** An immutable version of a model: its bytes, and where they came from. */
export type ModelVersion = {
  /** The model that it belongs to. */
  modelId: number;
  /** The name of the model. */
  name: string;
  /** 1, 2, 3 …; a number is never given twice. */
  version: number;
  /** The key of its bytes in the bucket: `models/my-model-v1.json`. */
  path: string;
  /** The bucket of its bytes. */
  bucket: string;
  /** Id of a stored object. */
  objectId: string;
  /** How many bytes. */
  sizeBytes: number;
  /** SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes. */
  sha256: string | null;
  /** SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another. */
  partsSha256: string | null;
  /** The media type, such as `application/json`. */
  contentType: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** The topology that it belongs to; null: to none. */
  topologyId: number | null;
  /** The QLoRA module that it was made with; null: none. */
  moduleId: number | null;
  /** The run that it is of; null: of none. */
  runId: number | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A model with its versions. */
export type ModelWithVersions = {
  /** Assigned by the server, never reused. */
  id: number;
  /** Unique in the workspace. */
  name: string;
  /** In words, for people. */
  description: string;
  /** The number of its newest version. */
  latestVersion: number;
  /** Names for versions, such as `champion`, in the order of the alphabet. */
  aliases: Array<{
    /** The name of a version, unique in its model. */
    alias: string;
    /** The number of the version, from 1. */
    version: number;
  }>;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Its latest 200, newest first. */
  versions: ModelVersion[];
};

/** Input of `modules.get`. */
export type ModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
};

/** Answer of `modules.list`. */
export type ModulePage = {
  /** In the order that the procedure tells. */
  items: QloraModule[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A new token with its secret. */
export type NewAccessToken = {
  /** Assigned by the server, never reused. */
  id: string;
  /** The name for people. */
  name: string;
  /** The most that it may do. */
  scope: TokenScope;
  /** The user whose it is. */
  userId: number;
  /** When it stops working; null: never. */
  expiresAt: Date | null;
  /** When it was ended; null: it was not. */
  revokedAt: Date | null;
  /** Written at most every 30 s. */
  lastUsedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
  /** The secret. It is shown this once. */
  token: string;
};

/** A chunk that is to be added to a dataset that is named beside it. */
export type NewChunk = {
  /** The text, up to 100,000 characters. */
  content: string;
  /** May be left out where the server makes embeddings of its own. */
  embedding?: Float32Array | number[] | string | undefined;
  /** Any JSON object; searches may filter by it. */
  metadata?: FreeJson | undefined;
};

/** A context document about the topology that it is made with. */
export type NewContext = {
  /** Such as `training_note`. 1 to 100 characters. */
  type: string;
  /** An id of your own makes it safe to send the same document again. */
  id?: string | undefined;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data: JsonValue;
  /** priority, author, tags … up to 64 KB; `author` and `tags` are searched too. */
  metadata?: FreeJson | undefined;
};

/** A new invitation with its secret. */
export type NewInvitation = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The e-mail address, unique in the installation. */
  email: string;
  /** The person’s role in the workspace. */
  role: Role;
  /** Whether the person is to administer the installation. */
  makesAdmin: boolean;
  /** When it stops working. */
  expiresAt: Date;
  /** When it was accepted; null: it was not. */
  acceptedAt: Date | null;
  /** When it was ended; null: it was not. */
  revokedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
  /** The person accepts the invitation with it. It is shown only once: hand it over yourself. */
  token: string;
};

/** A QLoRA module of the topology that it is made with. */
export type NewModule = {
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. 1 to 4,096. `16` where it is left out. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. `32` where it is left out. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. `0` where it is left out. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. `4` where it is left out. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. 1 to 256 items. `["q_proj","v_proj"]` where it is left out. */
  targetModules?: string[] | undefined;
  /** The model that it adapts, by its public name; null where nobody told one. 1 to 500 characters. */
  baseModel?: string | null | undefined;
  /** Any JSON object, kept as given. */
  config?: FreeJson | undefined;
};

/** Something that happened in a session. */
export type NewSessionEvent = {
  /** Such as `tool_call`. 1 to 100 characters. */
  type: string;
  /** Text or any JSON, up to 64 KB. */
  data?: JsonValue | undefined;
};

/** Input of `users.me`. */
export type NoInput = Record<string, never>;

/** Input of `objects.complete`. */
export type ObjectInput = {
  /** Id of a stored object. */
  id: string;
};

/** Tensors of a safetensors file, in the order of its header. */
export type ObjectTensors = {
  /** How many tensors the file has. */
  tensorCount: number;
  /** By name, at most as many as asked for. */
  tensors: Tensor[];
  /** Give it as `offset` for the next ones; null at the end. */
  nextOffset: number | null;
};

/** Input of `objects.tensors`. */
export type ObjectTensorsInput = {
  /** Id of a stored object. */
  id: string;
  /** How many tensors to pass over. `0` where it is left out. */
  offset?: number | undefined;
  /** At most so many items. 1 to 1,000. `200` where it is left out. */
  limit?: number | undefined;
};

/** Input of `system.outbox`. */
export type OutboxInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** Only those that are parked, or only those that are not. */
  isParked?: boolean | undefined;
};

/** Input of `system.retryParked`. */
export type ParkedInput = {
  /** Ids of parked effects. 1 to 1,000 items. */
  ids: number[];
};

/** Answer of `system.retryParked`. */
export type ParkedResult = {
  /** Those that were parked, and are no longer. */
  ids: number[];
};

/** The object goes in parts, in any order and several at a time. */
export type PartUpload = {
  /** How the bytes are to be sent. */
  method: "parts";
  /** Bytes of every part but the last, which holds the rest. */
  partSizeBytes: number;
  /** How many parts there are in all. */
  partCount: number;
  /** The first hundred; `parts` answers the others, and what is there already. */
  parts: UploadPart[];
};

/** Input of `objects.presign`. */
export type PresignObjectInput = {
  /** Id of a stored object. */
  id?: string | undefined;
  /** With `key`, instead of `id`. */
  bucket?: "topology-models" | "topology-datasets" | "topology-logs" | "topology-artifacts" | undefined;
  /** With `bucket`, instead of `id`: `models/my-model-v1.json`. 1 to 1,024 characters. */
  key?: string | undefined;
  /** How long the URL works, up to seven days. 1 to 604,800. `3600` where it is left out. */
  expirySeconds?: number | undefined;
  /** The name under which a browser saves it. At most 255 characters. */
  fileName?: string | undefined;
};

/** Reads the object without a credential until it expires. */
export type PresignedUrl = {
  /** Valid until it expires; whoever has it needs no token. */
  url: string;
  /** When it stops working. */
  expiresAt: Date;
};

/** A low-rank adapter of a topology. */
export type QloraModule = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The topology that it belongs to. */
  topologyId: number;
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. */
  description: string;
  /** Rank of the low-rank update, LoRA’s r. 1 to 4,096. */
  rank: number;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha: number;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout: number;
  /** 2, 3, 4 or 8 bits of the frozen base weights; null: not quantized. */
  quantizationBits: number | null;
  /** Names of the layers that carry the adapter. 1 to 256 items. */
  targetModules: string[];
  /** The model that it adapts, by its public name; null where nobody told one. 1 to 500 characters. */
  baseModel: string | null;
  /** Any JSON object, kept as given. */
  config: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** The adapter’s safetensors, once attached. */
  weightsObjectId: string | null;
  /** The adapter’s adapter_config.json, once attached. */
  configObjectId: string | null;
};

/** Input of `datasets.recalls`. */
export type RecallsInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
};

/** Input of `models.removeAlias`. */
export type RemoveAliasInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** A name for a version, such as `champion`. */
  alias: string;
};

/** Input of `system.repair`. */
export type RepairInput = {
  /** Findings of a `verify`, each checked again before it is mended. 1 to 1,000 items. */
  findings: Finding[];
};

/** Answer of `system.repair`. */
export type RepairResult = {
  /** How many were mended. */
  repaired: number;
  /** Gone meanwhile, or nothing that can be mended safely. */
  left: number;
};

/** Input of `members.resetPassword`. */
export type ResetPasswordInput = {
  /** A user's id: 123, "123" or "user-123". */
  userId: number | string;
  /** How long it holds. 1 to 30. `1` where it is left out. */
  days?: number | undefined;
};

/** A member’s role: it decides what they may do. */
export type Role = "viewer" | "editor" | "owner";

/** All tests that are given must hold for the value that it is about. */
export type RunCondition = {
  /** A field of the run. */
  field?: RunField | undefined;
  /** A number, text or truth value of the params, by its path: `optimizer.lr`. 1 to 250 characters. */
  param?: string | undefined;
  /** A figure of this series. 1 to 250 characters. */
  metric?: string | undefined;
  /** The figure of the metric; `last` where it is left out. */
  figure?: "last" | "min" | "max" | undefined;
  /** The run has this tag. 1 to 100 characters. */
  tag?: string | undefined;
  /** The same value, of the same type. */
  equals?: string | number | boolean | Date | undefined;
  /** One of these values. 1 to 100 items. */
  in?: Array<string | number | boolean | Date> | undefined;
  /** Greater than this. */
  gt?: string | number | boolean | Date | undefined;
  /** This or greater. */
  gte?: string | number | boolean | Date | undefined;
  /** Less than this. */
  lt?: string | number | boolean | Date | undefined;
  /** This or less. */
  lte?: string | number | boolean | Date | undefined;
  /** Whether the run has such a value. */
  exists?: boolean | undefined;
};

/** A field of a run by which runs are found. */
export type RunField = "name" | "status" | "codeVersion" | "topologyId" | "moduleId" | "parentRunId" | "accuracy" | "finalLoss" | "epochs" | "createdAt" | "startedAt" | "finishedAt";

/** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
export type RunFilter = { and: RunFilter[] } | { or: RunFilter[] } | { not: RunFilter } | RunCondition;

/** Input of `training.heartbeat`. */
export type RunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
};

/** New points of a run, and its status. */
export type RunNews = {
  /** The run. */
  runId: number;
  /** Up to which this tells; the event’s id. */
  revision: number;
  /** How it stands. */
  status: RunStatus;
  /** New ones, and those whose value was replaced, in the order of the writes. */
  points: LoggedPoint[];
};

/** Runs without such a value come last, newest first; a param is ordered by its number. */
export type RunSort = {
  /** A field of the run. */
  field?: RunField | undefined;
  /** A number, text or truth value of the params, by its path: `optimizer.lr`. 1 to 250 characters. */
  param?: string | undefined;
  /** A figure of this series. 1 to 250 characters. */
  metric?: string | undefined;
  /** The figure of the metric; `last` where it is left out. */
  figure?: "last" | "min" | "max" | undefined;
  /** desc where it is left out: the greatest first. */
  direction?: "asc" | "desc" | undefined;
};

/** `lost`: running, but nothing was heard of it for longer than its lease. */
export type RunStatus = "running" | "completed" | "failed" | "lost";

/** Facts from the header of a safetensors file. */
export type SafetensorsContents = {
  /** The file’s format. */
  format: "safetensors";
  /** How many tensors the header tells. */
  tensorCount: number;
  /** Numbers in all of its tensors. */
  parameterCount: number;
  /** Parameters of each dtype: `{"BF16": 7000000}`. */
  dtypes: { [key: string]: number };
  /** The header’s own `__metadata__`. */
  metadata: { [key: string]: string };
  /** null: it has no LoRA pairs. */
  adapter: {
    /** Ranks of its LoRA pairs, ascending; one in most adapters. */
    ranks: number[];
    /** The layers that carry a pair, by the last part of their names. */
    targetModules: string[];
  } | null;
};

/** Input of `training.saveResults`. */
export type SaveResultsInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** A module of this topology. */
  moduleId?: number | string | undefined;
  /** The datasets that it is trained on. At most 100 items. */
  datasets?: UsedDatasetInput[] | undefined;
  /** The sweep that it is a trial of. */
  parentRunId?: number | string | undefined;
  /** `run` where it is left out. 1 to 200 characters. */
  name?: string | undefined;
  /** Learning rate, optimizer …: any JSON object up to 256 KB. */
  params?: FreeJson | undefined;
  /** Words to find it by. At most 100 items. */
  tags?: string[] | undefined;
  /** Free text about the run. At most 10,000 characters. */
  notes?: string | undefined;
  /** Such as a commit. At most 200 characters. */
  codeVersion?: string | undefined;
  /** The results, any JSON object up to 256 KB: `{"final_model": "path/to/model.pt"}`. */
  results?: FreeJson | undefined;
  /** One an epoch, at most 10,000: the series `loss` at the steps 1, 2, 3 … */
  lossValues?: Array<number | "NaN" | "Infinity" | "-Infinity"> | undefined;
  /** A share, 0 to 1. */
  accuracy?: number | undefined;
  /** The number of loss values where it is left out. 0 to 2,147,483,647. */
  epochs?: number | undefined;
};

/** Input of `search.all`. */
export type SearchAllInput = {
  /** English words, as in a web search: "a phrase", `or`, `-without`; names of topologies and models also by a part. 1 to 500 characters. */
  text: string;
  /** All four where it is left out. 1 to 4 items. */
  types?: Array<"chunk" | "context" | "topology" | "model"> | undefined;
  /** Context of this topology only. */
  topologyId?: number | string | undefined;
  /** At most so many items, 1 to 100. `20` where it is left out. */
  limit?: number | undefined;
};

/** Input of `chunks.search`. */
export type SearchChunksInput = {
  /** Every dataset where it is left out. 1 to 100 items. */
  datasetIds?: Array<number | string> | undefined;
  /** Nearest by cosine distance. With `text` too, the two rankings are fused. */
  embedding?: Float32Array | number[] | string | undefined;
  /** English words, as in a web search: "a phrase", `or`, `-without`; or what is meant, by vector. 1 to 1,000 characters. */
  text?: string | undefined;
  /** The ranking to use. Left out: words and vectors, as far as given, with a text’s embedding where the server can make one at the moment. */
  by?: "vector" | "words" | "both" | undefined;
  /** Conditions, joined by and, or and not; at most 10 levels, 200 conditions. */
  filter?: MetadataFilter | undefined;
  /** Added at this moment or later. */
  createdAfter?: Date | undefined;
  /** Added before this moment. */
  createdBefore?: Date | undefined;
  /** So many of the nearest, 1 to 1,000. `10` where it is left out. */
  k?: number | undefined;
  /** `nextCursor` of the page before, of the same search; `k` may be another. At most 500 characters. */
  cursor?: string | undefined;
  /** Candidates that the index looks at, 1 to 1,000; more of them find more and take longer. */
  efSearch?: number | undefined;
  /** Instead of efSearch: the share of the truth to be found, such as 0.99. It is chosen by what `datasets.recall` measured for as many neighbours or more (100 suffice), by rule of thumb where nothing was; 1 compares every chunk. */
  recall?: number | undefined;
};

/** Input of `context.search`. */
export type SearchContextInput = {
  /** English words, all of which must occur; "a phrase", `or` and `-without` as in a web search. 1 to 500 characters. */
  text: string;
  /** How documents are found and ranked; by meaning where the server makes embeddings. Left out: by both there, else by words. */
  by?: "words" | "meaning" | "both" | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
  /** Such as `training_note`. 1 to 100 characters. */
  type?: string | undefined;
  /** Tags in the metadata: all of them must be there. 1 to 20 items. */
  tags?: string[] | undefined;
  /** The author in the metadata. 1 to 200 characters. */
  author?: string | undefined;
  /** The priority in the metadata. 1 to 100 characters. */
  priority?: string | undefined;
  /** Not older than this. */
  from?: Date | undefined;
  /** Older than this. */
  to?: Date | undefined;
  /** At most so many items, 1 to 100. `10` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 9,000 characters. */
  cursor?: string | undefined;
};

/** Something that a search over everything found. */
export type SearchHit = {
  /** The type of the thing found. */
  type: "chunk" | "context" | "topology" | "model";
  /** Id of the thing: a number, or text for a context document. */
  id: number | string;
  /** Its name, the type of a context document, or the dataset of a chunk. */
  title: string;
  /** A passage, the words found between « and » where it has them. Plain text: escape it before showing it. */
  highlight: string;
  /** 1 / (60 + its place among its own type); greater is better. */
  score: number;
  /** The dataset of a chunk; null otherwise. */
  datasetId: number | null;
  /** The topology of a context document; null otherwise. */
  topologyId: number | null;
};

/** Answer of `search.all`. */
export type SearchHits = {
  /** In the order that the procedure tells. */
  items: SearchHit[];
  /** Types whose store is away and that were left out. */
  unavailable: Array<"chunk" | "context" | "topology" | "model">;
  /** Types found by their words alone, for the endpoint that makes embeddings is away. */
  withoutMeaning: Array<"chunk" | "context" | "topology" | "model">;
};

/** Figures of a curve, kept up to date as points are written. */
export type SeriesFigures = {
  /** The name of the series: `loss`, `val/accuracy`. */
  key: string;
  /** Which value is the best one. */
  goal: "min" | "max";
  /** Points of the series. */
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
  /** The last step that has a point; null where there is none. */
  maxStep: number | null;
  /** The best value so far; null where there is none that is a number. */
  best: number | null;
  /** The step of the best value. */
  bestStep: number | null;
};

/** A time in which somebody worked on something. */
export type Session = {
  /** Assigned by the server, never reused. */
  id: string;
  /** CouchDB’s revision. */
  rev: string;
  /** The user who works in it. */
  userId: number;
  /** The kind of work, such as `model_development`. */
  sessionType: string;
  /** How it stands. */
  status: SessionStatus;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** The outcome; null until it is given at the end. */
  summary: string | null;
  /** When it began. */
  startedAt: Date;
  /** When it ended; null until then. */
  endedAt: Date | null;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** Something that happened in a session. */
export type SessionEvent = {
  /** As it was given, or as the server chose it. */
  id: string;
  /** Its kind, in a word of your own. */
  type: string;
  /** Text or any JSON, as given. */
  data: JsonValue;
  /** When it arrived. */
  timestamp: Date;
  /** The user who made it; null: the server, or another program. */
  createdBy: number | null;
};

/** A page in the order of the events’ ids, which is that of their time where the server chose them. */
export type SessionEventPage = {
  /** In the order that the procedure tells. */
  items: SessionEvent[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `sessions.events`. */
export type SessionEventsInput = {
  /** At most so many items, 1 to 200. `50` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** Input of `sessions.get`. */
export type SessionInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
};

/** Answer of `sessions.list`. */
export type SessionPage = {
  /** In the order that the procedure tells. */
  items: Session[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** How a session stands: it takes events while it is active. */
export type SessionStatus = "active" | "ended";

/** Input of `models.setAlias`. */
export type SetAliasInput = {
  /** The model’s id or its name. */
  id: number | string;
  /** A name for a version, such as `champion`. */
  alias: string;
  /** The number of the version that is to have it. 1 to 2,147,483,647. */
  version: number;
};

/** Where a person is signed in. */
export type SignIn = {
  /** Assigned by the server, never reused. */
  id: number;
  /** When the person signed in. */
  createdAt: Date;
  /** When it ends by itself. */
  expiresAt: Date;
  /** The caller’s address; null: not known. */
  address: string | null;
  /** The browser, as it calls itself; null: not known. */
  program: string | null;
  /** Whether this call is made by it. */
  isCurrent: boolean;
};

/** Input of `signIns.end`. */
export type SignInInput = {
  /** One of your own sign-ins. */
  id: number;
};

/** Answer of `signIns.list`. */
export type SignInList = {
  /** In the order that the procedure tells. */
  items: SignIn[];
};

/** The whole object goes in one PUT. */
export type SinglePut = {
  /** How the bytes are to be sent. */
  method: "put";
  /** Valid until it expires; whoever has it needs no token. */
  url: string;
  /** To be sent with the PUT. */
  headers: { [key: string]: string };
};

/** Input of `training.start`. */
export type StartRunInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** A module of this topology. */
  moduleId?: number | string | undefined;
  /** The datasets that it is trained on. At most 100 items. */
  datasets?: UsedDatasetInput[] | undefined;
  /** The sweep that it is a trial of. */
  parentRunId?: number | string | undefined;
  /** `run` where it is left out. 1 to 200 characters. */
  name?: string | undefined;
  /** Learning rate, optimizer …: any JSON object up to 256 KB. */
  params?: FreeJson | undefined;
  /** Words to find it by. At most 100 items. */
  tags?: string[] | undefined;
  /** Free text about the run. At most 10,000 characters. */
  notes?: string | undefined;
  /** Such as a commit. At most 200 characters. */
  codeVersion?: string | undefined;
  /** Which value of a metric is its best, where its name does not tell: `max` for accuracy and its like, otherwise `min`. */
  goals?: { [key: string]: "min" | "max" } | undefined;
  /** How long it may be silent before it is called lost, 1 s to 7 days. 1 to 604,800. `300` where it is left out. */
  leaseSeconds?: number | undefined;
};

/** How one store is doing. */
export type StoreHealth = {
  /** Whether the store answers. */
  status: "healthy" | "unhealthy";
  /** How long the store took to answer, or to fail; milliseconds. */
  latencyMs: number;
  /** Why the store is unhealthy; null where it is not. */
  error: string | null;
};

/** Bytes in the object store, or on their way there. */
export type StoredObject = {
  /** Id of a stored object. */
  id: string;
  /** The kind of content, which decides the bucket. */
  kind: "model" | "checkpoint" | "dataset_file" | "log" | "artifact";
  /** The bucket of its bytes. */
  bucket: "topology-models" | "topology-datasets" | "topology-logs" | "topology-artifacts";
  /** Within the workspace: `models/transformer-v1.json`. */
  key: string;
  /** How many bytes. */
  sizeBytes: number;
  /** SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes. */
  sha256: string | null;
  /** SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another. */
  partsSha256: string | null;
  /** The media type, such as `application/json`. */
  contentType: string;
  /** Any JSON object, as given. */
  metadata: FreeJson;
  /** Facts that `complete` read from a `*.safetensors` or an `adapter_config.json`; null for everything else. */
  contents: SafetensorsContents | AdapterConfigContents | null;
  /** `ready` once its bytes were checked, which never change after that; until then the hashes are those that `begin` declared. */
  status: "pending" | "ready";
  /** When a pending upload is given up. */
  expiresAt: Date | null;
  /** When it was completed; null until then. */
  completedAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Answer of `logs.list`. */
export type StoredObjectPage = {
  /** In the order that the procedure tells. */
  items: StoredObject[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** The kind of thing that an annotation is about. */
export type TargetType = "topology" | "module" | "run" | "dataset" | "model" | "chunk" | "document";

/** A tensor, as the header of its file describes it. */
export type Tensor = {
  /** Its name in the file, unique there. */
  name: string;
  /** The type of its numbers, such as `F32` or `BF16`. */
  dtype: string;
  /** Its dimensions, outermost first; empty: a single number. */
  shape: number[];
  /** How many numbers it holds. */
  parameterCount: number;
  /** How many bytes. */
  sizeBytes: number;
};

/** Input of `tokens.revoke`. */
export type TokenInput = {
  /** Assigned by the server, never reused. */
  id: string;
};

/** Answer of `tokens.list`. */
export type TokenList = {
  /** In the order that the procedure tells. */
  items: AccessToken[];
};

/** read: viewer at most; write: editor at most; admin: all that its user may. */
export type TokenScope = "read" | "write" | "admin";

/** A model architecture. */
export type Topology = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. */
  description: string;
  /** Such as `transformer` or `graph-network`. */
  architecture: string;
  /** Any JSON object, kept as given. */
  config: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Figures over all training of a topology. */
export type TopologyAnalytics = {
  /** The topology that it belongs to. */
  topologyId: number;
  /** Training runs of every status. */
  runCount: number;
  /** Training runs that were completed. */
  completedRunCount: number;
  /** Greatest accuracy of a completed run, 0 to 1. */
  bestAccuracy: number | null;
  /** Least finite final loss of a completed run. */
  bestLoss: number | null;
  /** Mean accuracy of the completed runs, 0 to 1; null where none told one. */
  averageAccuracy: number | null;
  /** Change of accuracy from one completed run to the next, by least squares over the latest 50; null below two. */
  accuracyTrend: number | null;
  /** Its QLoRA modules. */
  moduleCount: number;
  /** Datasets that its runs used. */
  datasetCount: number;
  /** Its checkpoints. */
  checkpointCount: number;
  /** Bytes of its checkpoints and model versions. */
  storageBytes: number;
  /** When its latest run began; null without one. */
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
  /** Assigned by the server, never reused. */
  id: number;
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** In words, for people. */
  description: string;
  /** Such as `transformer` or `graph-network`. */
  architecture: string;
  /** Any JSON object, kept as given. */
  config: FreeJson;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Its newest context documents, at most 10, newest first; null while CouchDB is away, or not asked for. */
  context: ContextDocument[] | null;
  /** null where it was not asked for. */
  analytics: TopologyAnalytics | null;
};

/** Input of `topologies.analytics`. */
export type TopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
};

/** Answer of `topologies.list`. */
export type TopologyPage = {
  /** In the order that the procedure tells. */
  items: Topology[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** One training of a topology: what went in and what came out. */
export type TrainingRun = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The topology that it belongs to. */
  topologyId: number;
  /** The QLoRA module that it was made with; null: none. */
  moduleId: number | null;
  /** The datasets that it was trained on. */
  datasets: UsedDataset[];
  /** The sweep that it is a trial of; null: of none. */
  parentRunId: number | null;
  /** The name for people. */
  name: string;
  /** How it stands. */
  status: RunStatus;
  /** Learning rate, optimizer …: any JSON object as given. */
  params: FreeJson;
  /** Words to find it by. */
  tags: string[];
  /** Free text about the run. */
  notes: string;
  /** Such as a commit; null where nobody told one. */
  codeVersion: string | null;
  /** Which value of a metric is its best: `max` or `min`. */
  goals: { [key: string]: "min" | "max" };
  /** The results, any JSON object as given. */
  results: FreeJson;
  /** A share, 0 to 1; null where nobody told one. */
  accuracy: number | null;
  /** The last value of the series `loss`, as it was when the run finished. */
  finalLoss: number | null;
  /** How many epochs were trained; null where nobody told. */
  epochs: number | null;
  /** When it began. */
  startedAt: Date;
  /** When it ended; null while it runs. */
  finishedAt: Date | null;
  /** Points of all its series. */
  pointCount: number;
  /** Counts the changes of points and status; `training.live` goes on from it. */
  revision: number;
  /** How long it may be silent before it is called lost. */
  leaseSeconds: number;
  /** When it is called lost, unless something is heard of it; null once it is finished. */
  leaseExpiresAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** A run with what its series have come to. */
export type TrainingRunDetails = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The topology that it belongs to. */
  topologyId: number;
  /** The QLoRA module that it was made with; null: none. */
  moduleId: number | null;
  /** The datasets that it was trained on. */
  datasets: UsedDataset[];
  /** The sweep that it is a trial of; null: of none. */
  parentRunId: number | null;
  /** The name for people. */
  name: string;
  /** How it stands. */
  status: RunStatus;
  /** Learning rate, optimizer …: any JSON object as given. */
  params: FreeJson;
  /** Words to find it by. */
  tags: string[];
  /** Free text about the run. */
  notes: string;
  /** Such as a commit; null where nobody told one. */
  codeVersion: string | null;
  /** Which value of a metric is its best: `max` or `min`. */
  goals: { [key: string]: "min" | "max" };
  /** The results, any JSON object as given. */
  results: FreeJson;
  /** A share, 0 to 1; null where nobody told one. */
  accuracy: number | null;
  /** The last value of the series `loss`, as it was when the run finished. */
  finalLoss: number | null;
  /** How many epochs were trained; null where nobody told. */
  epochs: number | null;
  /** When it began. */
  startedAt: Date;
  /** When it ended; null while it runs. */
  finishedAt: Date | null;
  /** Points of all its series. */
  pointCount: number;
  /** Counts the changes of points and status; `training.live` goes on from it. */
  revision: number;
  /** How long it may be silent before it is called lost. */
  leaseSeconds: number;
  /** When it is called lost, unless something is heard of it; null once it is finished. */
  leaseExpiresAt: Date | null;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  /** Ordered by key, at most 1,000. */
  series: SeriesFigures[];
  /** The series `loss` in the order of its steps; null where it has more than 10,000 points, see history. */
  lossValues: number[] | null;
};

/** Answer of `training.list`. */
export type TrainingRunPage = {
  /** In the order that the procedure tells. */
  items: TrainingRun[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Fields left out stay unchanged. */
export type UpdateAnnotationInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  /** The remark, as plain text. 1 to 20,000 characters. */
  annotation?: string | undefined;
  /** Words to find it by. At most 50 items. */
  tags?: string[] | undefined;
};

/** Fields left out stay unchanged. */
export type UpdateContextInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  /** Such as `training_note`. 1 to 100 characters. */
  type?: string | undefined;
  /** Text or any JSON, up to 1 MB and 100 levels. */
  data?: JsonValue | undefined;
  /** null: it is about none. */
  topologyId?: number | string | null | undefined;
  /** Replaces the whole metadata. */
  metadata?: FreeJson | undefined;
};

/** Fields left out stay unchanged. */
export type UpdateExperimentInput = {
  /** A document’s id, such as "ctx_2024_001". */
  id: string;
  /** The `rev` that you saw: a change in between is then a conflict. Left out, the last writer wins. */
  expectedRev?: string | undefined;
  /** The name for people. 1 to 200 characters. */
  name?: string | undefined;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Replaces all parameters. */
  parameters?: FreeJson | undefined;
  /** `running` takes it up again, without results. */
  status?: ExperimentStatus | undefined;
  /** Results of an experiment that is over. Replaces all results. */
  results?: FreeJson | undefined;
};

/** Input of `members.update`. */
export type UpdateMemberInput = {
  /** A user's id: 123, "123" or "user-123". */
  userId: number | string;
  /** The person’s role in the workspace. */
  role: Role;
};

/** Fields left out stay unchanged. */
export type UpdateModuleInput = {
  /** A module's id: 123, "123" or "module-123". */
  id: number | string;
  /** The name for people. 1 to 200 characters. */
  name?: string | undefined;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Rank of the low-rank update, LoRA’s r. 1 to 4,096. */
  rank?: number | undefined;
  /** LoRA’s alpha; the update is scaled by alpha / rank. */
  alpha?: number | undefined;
  /** Dropout before the adapter, 0 up to but not 1. */
  dropout?: number | undefined;
  /** Bits of the frozen base weights; null where they are not quantized. */
  quantizationBits?: 2 | 3 | 4 | 8 | null | undefined;
  /** Names of the layers that carry the adapter. 1 to 256 items. */
  targetModules?: string[] | undefined;
  /** The model that it adapts, by its public name; null where nobody told one. 1 to 500 characters. */
  baseModel?: string | null | undefined;
  /** Replaces the whole config. */
  config?: FreeJson | undefined;
};

/** Fields left out stay unchanged. */
export type UpdateRunInput = {
  /** A run's id: 123, "123" or "run-123". */
  id: number | string;
  /** The name for people. 1 to 200 characters. */
  name?: string | undefined;
  /** Replaces all of them. At most 100 items. */
  tags?: string[] | undefined;
  /** Free text about the run. At most 10,000 characters. */
  notes?: string | undefined;
};

/** Fields left out stay unchanged. */
export type UpdateTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  /** The name for people. 1 to 200 characters. */
  name?: string | undefined;
  /** In words, for people. At most 10,000 characters. */
  description?: string | undefined;
  /** Such as `transformer` or `graph-network`. 1 to 100 characters. */
  architecture?: string | undefined;
  /** Replaces the whole config. */
  config?: TopologyConfig | undefined;
};

/** Input of `artifacts.upload`. */
export type UploadArtifactInput = {
  /** The path below `artifacts/`: `experiment-results/run-7.json`. 1 to 1,024 characters. */
  name: string;
  /** A string is stored as text, anything else as JSON; 16 MiB at most. */
  data?: JsonValue | undefined;
  /** Instead of data: any bytes in base64, 16 MiB at most. At most 22,369,624 characters. */
  bytes?: string | undefined;
  /** The media type, such as `application/json`. At most 255 characters. */
  contentType?: string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
};

/** Input of `checkpoints.upload`. */
export type UploadCheckpointInput = {
  /** Names one checkpoint of its topology. 1 to 200 characters. */
  name: string;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId: number | string;
  /** Any JSON up to 16 MiB, stored as `checkpoints/topology-<id>/<name>.json`. */
  checkpointData?: JsonValue | undefined;
  /** Instead of checkpointData: a ready object of kind `checkpoint` of this topology. */
  objectId?: string | undefined;
  /** A whole number from 0 to 2^53 - 1; it grows as the training goes on. */
  step?: number | undefined;
  /** A run's id: 123, "123" or "run-123". */
  runId?: number | string | undefined;
  /** Any JSON object, kept as given. */
  metadata?: FreeJson | undefined;
};

/** Input of `datasets.upload`. */
export type UploadDatasetInput = {
  /** The dataset’s name; a new one is made. 1 to 1,024 characters. */
  name: string;
  /** 1 to 1,000 files of at most 16 MiB each; more by `objects.begin`. */
  files: DatasetFile[];
  /** Metadata of a new dataset. */
  metadata?: FreeJson | undefined;
};

/** Input of `logs.upload`. */
export type UploadLogInput = {
  /** `.log` is added where it has no extension, and -2, -3 … where the day has it already. 1 to 1,024 characters. */
  name: string;
  /** A string is stored as text, anything else as JSON; 16 MiB at most. */
  data: JsonValue;
  /** The day it belongs to, YYYY-MM-DD; today in UTC where it is left out. */
  date?: string | undefined;
  /** A new UUID of yours for each log: a call that is repeated with it, because the first answer was lost, answers the log that the first stored. */
  requestId?: string | undefined;
};

/** Input of `models.upload`. */
export type UploadModelInput = {
  /** The name for people. 1 to 200 characters. */
  name: string;
  /** Any JSON up to 16 MiB, stored as `models/<name>-v<version>.json`. */
  modelData?: JsonValue | undefined;
  /** Instead of modelData: a ready object of kind `model`. */
  objectId?: string | undefined;
  /** accuracy, compression_ratio, a version label of your own … */
  metadata?: FreeJson | undefined;
  /** Replaces the model’s description. At most 10,000 characters. */
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

/** A part of an upload. */
export type UploadPart = {
  /** From 1. */
  partNumber: number;
  /** PUT the part’s bytes here. */
  url: string;
  /** To be sent with the PUT. */
  headers: { [key: string]: string };
  /** ETag of a part that is stored already. */
  etag?: string | undefined;
  /** Bytes of a part that is stored already. */
  sizeBytes?: number | undefined;
};

/** Parts of an upload, those that are there already with their ETag. */
export type UploadParts = {
  /** Bytes of every part but the last, which has the rest. */
  partSizeBytes: number;
  /** How many parts there are in all. */
  partCount: number;
  /** In the order of their numbers. */
  parts: UploadPart[];
  /** Give it as `fromPartNumber` for the next ones; null at the end. */
  nextPartNumber: number | null;
  /** When the URLs stop working. */
  expiresAt: Date;
};

/** Input of `objects.parts`. */
export type UploadPartsInput = {
  /** Id of a stored object. */
  id: string;
  /** The first part to be told of, from 1. 1 to 10,000. `1` where it is left out. */
  fromPartNumber?: number | undefined;
  /** At most so many items. 1 to 1,000. `100` where it is left out. */
  limit?: number | undefined;
};

/** Answer of `datasets.upload`. */
export type UploadedDataset = {
  /** The dataset of the files. */
  dataset: Dataset;
  /** In the order given; `key` is the path: `datasets/my-dataset/chunk_001.jsonl`. */
  files: StoredObject[];
};

/** A dataset that a run was trained on. */
export type UsedDataset = {
  /** The dataset. */
  datasetId: number;
  /** The version of the dataset; null: as it was. */
  version: number | null;
};

/** A dataset that a run is trained on. */
export type UsedDatasetInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** A version that an ingest made of the dataset; left out where it is not known. 1 to 2,147,483,647. */
  version?: number | undefined;
};

/** A member of the workspace. */
export type User = {
  /** Assigned by the server, never reused. */
  id: number;
  /** The name by which people know each other. */
  username: string;
  /** The e-mail address, unique in the installation. */
  email: string;
  /** The person’s role in the workspace. */
  role: Role;
  /** Whether this person administers the installation. */
  isAdmin: boolean;
  /** When it was made, by the server’s clock. */
  createdAt: Date;
  /** When it was changed last, by the server’s clock. */
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
};

/** Input of `users.get`. */
export type UserInput = {
  /** A user's id: 123, "123" or "user-123". */
  id: number | string;
};

/** Answer of `users.list`. */
export type UserPage = {
  /** In the order that the procedure tells. */
  items: User[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Whether the three stores agree. */
export type VerifyReport = {
  /** Whether nothing was found. */
  agrees: boolean;
  /** How many things were checked. */
  counts: {
    /** Rows of objects. */
    objectRows: number;
    /** The object store: bytes. */
    objects: number;
    /** Bytes of all objects. */
    objectBytes: number;
    /** Documents of CouchDB. */
    documents: number;
    /** Rows of the index that context is searched by. */
    indexRows: number;
    /** Decided changes on their way; what they touch counts as agreed. */
    effectsWaiting: number;
  };
  /** At most 1,000; `findingCount` counts all. */
  findings: Finding[];
  /** Everything that was found. */
  findingCount: number;
  /** How long it took. */
  seconds: number;
};

/** SHA-256 of each text that was in the version, in their order. */
export type VersionHashes = {
  /** In the order that the procedure tells. */
  items: string[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** Input of `datasets.versionHashes`. */
export type VersionHashesInput = {
  /** A dataset's id: 123, "123" or "dataset-123". */
  datasetId: number | string;
  /** The number of the version, from 1. 1 to 2,147,483,647. */
  version: number;
  /** At most so many items. 1 to 10,000. `1000` where it is left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. At most 500 characters. */
  cursor?: string | undefined;
};

/** A team’s own part of the installation. */
export type Workspace = {
  /** Assigned by the server, never reused. */
  id: number;
  /** Unique in the installation. */
  name: string;
  /** Your role there. */
  role: "viewer" | "editor" | "owner";
  /** When it was made, by the server’s clock. */
  createdAt: Date;
};

/** Answer of `workspaces.list`. */
export type WorkspaceList = {
  /** In the order that the procedure tells. */
  items: Workspace[];
};

type Root = { ctx: object; meta: object; errorShape: NexusErrorShape; transformer: true };

/** Every procedure of the server, for tRPC's own tools. */
export type NexusRouter = TRPCBuiltRouter<Root, NexusProcedures>;

/**
 * Every procedure by its noun. Each tells for which reasons of its own it refuses; any may also throw invalid_input,
 * unauthenticated, forbidden, too_many_requests, unavailable, timeout and internal.
 */
export type NexusProcedures = {
  /** People. A person belongs to workspaces, as a viewer, an editor or an owner. */
  users: {
    /**
     * Reads the user and the workspace of this token.
     *
     * By REST `GET /api/users/me`; role viewer.
     */
    me: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: CurrentUser }>;
    /**
     * Adds a person to the workspace (admins; owners invite).
     *
     * By REST `POST /api/users`; role admin.
     * @throws `conflict`: The e-mail address is taken, or the username in the workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateUserInput; output: User }>;
    /**
     * A member of the workspace.
     *
     * By REST `GET /api/users/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: UserInput; output: User }>;
    /**
     * Lists the members, newest first.
     *
     * By REST `GET /api/users`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListUsersInput; output: UserPage }>;
  };
  /** Teams’ own parts of the installation. */
  workspaces: {
    /**
     * Makes a workspace (admins).
     *
     * By REST `POST /api/workspaces`; role admin.
     * @throws `conflict`: The name is taken.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateWorkspaceInput; output: Workspace }>;
    /**
     * Your workspaces; the header X-Nexus-Workspace chooses one where you are signed in.
     *
     * By REST `GET /api/workspaces`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: WorkspaceList }>;
  };
  /** Members of a workspace, each with a role; `users` lists them. */
  members: {
    /**
     * Gives a member another role (owners).
     *
     * By REST `PATCH /api/members/{user_id}`; role owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is the last owner.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateMemberInput; output: Done }>;
    /**
     * Ends a membership, and the member’s tokens for the workspace (owners).
     *
     * By REST `DELETE /api/members/{user_id}`; role owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is the last owner.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: MemberInput; output: Done }>;
    /**
     * Makes an invitation by which a member sets a new password, which ends every session (owners). No mail is sent: hand the token over.
     *
     * By REST `POST /api/members/{user_id}/reset_password`; role owner.
     * @throws `forbidden`: The member has rights outside of the workspace, and you are no admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    resetPassword: TRPCMutationProcedure<{ meta: object; input: ResetPasswordInput; output: NewInvitation }>;
  };
  /** The only way to sign up. */
  invitations: {
    /**
     * Invites a person by e-mail address (owners). No mail is sent: hand the token over.
     *
     * By REST `POST /api/invitations`; role owner.
     * @throws `forbidden`: `makesAdmin` is for admins.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateInvitationInput; output: NewInvitation }>;
    /**
     * Lists the invitations, newest first (owners).
     *
     * By REST `GET /api/invitations`; role owner.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListInvitationsInput; output: InvitationPage }>;
    /**
     * Ends an open invitation (owners).
     *
     * By REST `DELETE /api/invitations/{id}`; role owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    revoke: TRPCMutationProcedure<{ meta: object; input: InvitationInput; output: Done }>;
    /**
     * Lets the invited person in; the invitation is the credential. Who has an account is signed in, or sets a new password.
     *
     * By REST `POST /api/invitations/accept`; for everybody.
     * @throws `not_found`: There is no such open invitation, or its maker may no longer invite.
     * @throws `conflict`: The username is taken in the workspace.
     * @throws `precondition_failed`: The person has an account: sign in, or give a new password.
     */
    accept: TRPCMutationProcedure<{ meta: object; input: AcceptInvitationInput; output: AcceptedInvitation }>;
  };
  /** Credentials of programs: 256 random bits, shown once, kept as their SHA-256. */
  tokens: {
    /**
     * Makes an access token (owners).
     *
     * By REST `POST /api/tokens`; role owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTokenInput; output: NewAccessToken }>;
    /**
     * Lists the access tokens without their secrets (owners).
     *
     * By REST `GET /api/tokens`; role owner.
     */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: TokenList }>;
    /**
     * Ends an access token (owners).
     *
     * By REST `DELETE /api/tokens/{id}`; role owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    revoke: TRPCMutationProcedure<{ meta: object; input: TokenInput; output: Done }>;
  };
  /** Where a person is signed in; one’s own only. */
  signIns: {
    /**
     * Where you are signed in, newest first.
     *
     * By REST `GET /api/sign_ins`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: SignInList }>;
    /**
     * Ends one of your own sign-ins.
     *
     * By REST `DELETE /api/sign_ins/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    end: TRPCMutationProcedure<{ meta: object; input: SignInInput; output: Done }>;
    /**
     * Signs you out everywhere, here too; tokens stay.
     *
     * By REST `DELETE /api/sign_ins`; role viewer.
     */
    endAll: TRPCMutationProcedure<{ meta: object; input: NoInput | void; output: EndedSignIns }>;
  };
  /** Model architectures, with what their training came to. */
  topologies: {
    /**
     * Creates a topology, with modules and context all or nothing.
     *
     * By REST `POST /api/topologies`; role editor.
     * @throws `forbidden`: `createdBy` names another person, and you are no admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTopologyInput; output: CreatedTopology }>;
    /**
     * A topology with its recent context and its analytics.
     *
     * By REST `GET /api/topologies/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: GetTopologyInput; output: TopologyDetails }>;
    /**
     * Lists topologies, newest first.
     *
     * By REST `GET /api/topologies`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListTopologiesInput; output: TopologyPage }>;
    /**
     * Changes the fields that are given.
     *
     * By REST `PATCH /api/topologies/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateTopologyInput; output: Topology }>;
    /**
     * Deletes a topology with its modules, runs, checkpoints and documents, or tells what would go.
     *
     * By REST `DELETE /api/topologies/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteTopologyInput; output: Deletion }>;
    /**
     * Reads figures over all training of a topology.
     *
     * By REST `GET /api/analytics/topologies/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    analytics: TRPCQueryProcedure<{ meta: object; input: TopologyInput; output: TopologyAnalytics }>;
  };
  /** QLoRA modules: low-rank adapters of a topology, as PEFT describes them. */
  modules: {
    /**
     * Creates a QLoRA module of a topology.
     *
     * By REST `POST /api/modules`; role editor.
     * @throws `forbidden`: `createdBy` names another person, and you are no admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateModuleInput; output: QloraModule }>;
    /**
     * A QLoRA module.
     *
     * By REST `GET /api/modules/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ModuleInput; output: QloraModule }>;
    /**
     * Lists QLoRA modules, newest first.
     *
     * By REST `GET /api/modules`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListModulesInput; output: ModulePage }>;
    /**
     * Changes the fields that are given.
     *
     * By REST `PATCH /api/modules/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateModuleInput; output: QloraModule }>;
    /**
     * Makes two ready objects the module’s adapter, unless they contradict its record.
     *
     * By REST `PUT /api/modules/{id}/adapter`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: An object is not ready, or contradicts the module’s record.
     */
    attachAdapter: TRPCMutationProcedure<{ meta: object; input: AttachAdapterInput; output: QloraModule }>;
    /**
     * Deletes a module that nothing was made with, and its adapter.
     *
     * By REST `DELETE /api/modules/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: A run or a model version was made with it.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteModuleInput; output: Deletion }>;
  };
  /** Named collections of files and of embedded text chunks. */
  datasets: {
    /**
     * Creates an empty dataset.
     *
     * By REST `POST /api/datasets`; role editor.
     * @throws `forbidden`: `createdBy` names another person, and you are no admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: The name is taken.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateDatasetInput; output: Dataset }>;
    /**
     * A dataset.
     *
     * By REST `GET /api/datasets/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: DatasetInput; output: Dataset }>;
    /**
     * Lists datasets, newest first.
     *
     * By REST `GET /api/datasets`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListDatasetsInput; output: DatasetPage }>;
    /**
     * Deletes a dataset with its chunks and files, or tells what would go.
     *
     * By REST `DELETE /api/datasets/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: A run used it.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteDatasetInput; output: Deletion }>;
    /**
     * Stores small files in a dataset’s folder; the dataset is made where it is new.
     *
     * By REST `POST /api/datasets/upload`; role editor.
     * @throws `conflict`: The dataset has other bytes by this name.
     * @throws `too_large`: A file has more than 16 MiB.
     */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadDatasetInput; output: UploadedDataset }>;
    /**
     * Begins to read an uploaded JSONL file, gzip or not, into a dataset in the background.
     *
     * By REST `POST /api/datasets/{dataset_id}/ingests`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: The object is not ready.
     */
    ingest: TRPCMutationProcedure<{ meta: object; input: IngestDatasetInput; output: DatasetIngest }>;
    /**
     * Lists the ingests of a dataset, newest first; those that are done are its versions.
     *
     * By REST `GET /api/datasets/{dataset_id}/ingests`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    ingests: TRPCQueryProcedure<{ meta: object; input: ListIngestsInput; output: DatasetIngestPage }>;
    /**
     * An ingest as it is now.
     *
     * By REST `GET /api/ingests/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    getIngest: TRPCQueryProcedure<{ meta: object; input: IngestInput; output: DatasetIngest }>;
    /**
     * How an ingest goes on, until it is finished.
     *
     * By REST `GET /api/ingests/{id}/events`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    followIngest: TRPCSubscriptionProcedure<{ meta: object; input: FollowIngestInput; output: AsyncIterable<Tracked<DatasetIngest>, void, unknown> }>;
    /**
     * Ends an ingest that is running. What it has read stays in the dataset; it makes no version.
     *
     * By REST `POST /api/ingests/{id}/cancel`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is done, or has failed.
     */
    cancelIngest: TRPCMutationProcedure<{ meta: object; input: IngestInput; output: DatasetIngest }>;
    /**
     * The lines that an ingest refused.
     *
     * By REST `GET /api/ingests/{id}/refusals`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    refusals: TRPCQueryProcedure<{ meta: object; input: ListRefusalsInput; output: IngestRefusalPage }>;
    /**
     * SHA-256s of the texts that were in a version of a dataset.
     *
     * By REST `GET /api/datasets/{dataset_id}/versions/{version}/hashes`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    versionHashes: TRPCQueryProcedure<{ meta: object; input: VersionHashesInput; output: VersionHashes }>;
    /**
     * Measures how much of the truth searches of a dataset find, and how fast, and stores it.
     *
     * By REST `POST /api/datasets/{dataset_id}/recall`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: The dataset has fewer than 2 chunks.
     */
    recall: TRPCMutationProcedure<{ meta: object; input: MeasureRecallInput; output: DatasetRecalls }>;
    /**
     * Lists the recall measured on a dataset, newest first.
     *
     * By REST `GET /api/datasets/{dataset_id}/recall`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    recalls: TRPCQueryProcedure<{ meta: object; input: RecallsInput; output: DatasetRecalls }>;
  };
  /** Pieces of text with an embedding of 384 floats, found by vector, by words, or by both. */
  chunks: {
    /**
     * Adds a chunk to a dataset.
     *
     * By REST `POST /api/chunks`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: Its text was deleted at this moment; try again.
     */
    add: TRPCMutationProcedure<{ meta: object; input: AddChunkInput; output: AddedChunk }>;
    /**
     * Adds up to 2,000 chunks to a dataset: all of them, or none.
     *
     * By REST `POST /api/chunks/batch`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: One of the texts was deleted at this moment; try again.
     */
    addMany: TRPCMutationProcedure<{ meta: object; input: AddManyChunksInput; output: AddManyChunksResult }>;
    /**
     * A chunk with its embedding.
     *
     * By REST `GET /api/datasets/{dataset_id}/chunks/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ChunkInput; output: ChunkWithEmbedding }>;
    /**
     * Lists a dataset’s chunks, newest first.
     *
     * By REST `GET /api/chunks`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListChunksInput; output: ChunkPage }>;
    /**
     * Finds the nearest chunks by vector, by words, or by both.
     *
     * By REST `POST /api/chunks/search`; role viewer.
     * @throws `not_found`: One of the datasets is not in this workspace.
     */
    search: TRPCQueryProcedure<{ meta: object; input: SearchChunksInput; output: ChunkHits }>;
    /**
     * Deletes a chunk.
     *
     * By REST `DELETE /api/datasets/{dataset_id}/chunks/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: ChunkInput; output: Done }>;
  };
  /** Training runs, their metrics and what came of them. */
  training: {
    /**
     * Starts a run, to be logged to.
     *
     * By REST `POST /api/training/runs`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    start: TRPCMutationProcedure<{ meta: object; input: StartRunInput; output: TrainingRun }>;
    /**
     * Writes up to 10,000 points of a run; sending them again changes nothing.
     *
     * By REST `POST /api/training/runs/{run_id}/points`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: The run is over.
     */
    log: TRPCMutationProcedure<{ meta: object; input: LogPointsInput; output: LoggedPoints }>;
    /**
     * Renews the lease of a run that has nothing to log; a lost one is running again.
     *
     * By REST `POST /api/training/runs/{id}/heartbeat`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: The run is over.
     */
    heartbeat: TRPCMutationProcedure<{ meta: object; input: RunInput; output: Heartbeat }>;
    /**
     * New points and the status of a run, each once, over every break of the connection.
     *
     * By REST `GET /api/training/runs/{run_id}/live`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    live: TRPCSubscriptionProcedure<{ meta: object; input: FollowRunInput; output: AsyncIterable<Tracked<RunNews>, void, unknown> }>;
    /**
     * Changes the name, tags and notes of a run, running or finished.
     *
     * By REST `PATCH /api/training/runs/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateRunInput; output: TrainingRun }>;
    /**
     * Ends a run, completed or failed.
     *
     * By REST `POST /api/training/runs/{id}/finish`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is over, with another outcome.
     */
    finish: TRPCMutationProcedure<{ meta: object; input: FinishRunInput; output: TrainingRun }>;
    /**
     * Stores a finished run in one call: losses by epoch, accuracy, epochs, results.
     *
     * By REST `POST /api/training/results`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    saveResults: TRPCMutationProcedure<{ meta: object; input: SaveResultsInput; output: TrainingRunDetails }>;
    /**
     * A run with what its series have come to.
     *
     * By REST `GET /api/training/runs/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: RunInput; output: TrainingRunDetails }>;
    /**
     * Lists runs, newest first.
     *
     * By REST `GET /api/training/runs`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListRunsInput; output: TrainingRunPage }>;
    /**
     * Reads the origins and results of a topology, module, dataset, chunk, run, model or checkpoint.
     *
     * By REST `GET /api/training/lineage`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    lineage: TRPCQueryProcedure<{ meta: object; input: LineageInput; output: Lineage }>;
    /**
     * The curves of one key of several runs, in parts of the same steps.
     *
     * By REST `GET /api/training/compare`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    compare: TRPCQueryProcedure<{ meta: object; input: CompareInput; output: Comparison }>;
    /**
     * A range of a series, downsampled to the points asked for; no spike is lost.
     *
     * By REST `GET /api/training/runs/{run_id}/history`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    history: TRPCQueryProcedure<{ meta: object; input: HistoryInput; output: Curve }>;
  };
  /** The registry: models with immutable versions, each with its bytes and where they came from. */
  models: {
    /**
     * Adds a version to a model, from a JSON document or from an uploaded object.
     *
     * By REST `POST /api/models`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: `requestId` is that of another upload.
     * @throws `precondition_failed`: The object is not ready.
     * @throws `too_large`: The document has more than 16 MiB.
     */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadModelInput; output: ModelVersion }>;
    /**
     * A version of a model with its document, where it is JSON, and a URL of its bytes.
     *
     * By REST `GET /api/models/download`; role viewer.
     * @throws `not_found`: There is no such model or version.
     */
    download: TRPCQueryProcedure<{ meta: object; input: DownloadModelInput; output: DownloadedModel }>;
    /**
     * A model, by its id or name, with its versions.
     *
     * By REST `GET /api/models/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ModelInput; output: ModelWithVersions }>;
    /**
     * Lists models, newest first.
     *
     * By REST `GET /api/models`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListModelsInput; output: ModelPage }>;
    /**
     * Deletes a model with its versions and their bytes, or tells what would go.
     *
     * By REST `DELETE /api/models/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteModelInput; output: Deletion }>;
    /**
     * Deletes a version of a model with its bytes, or tells what would go.
     *
     * By REST `DELETE /api/models/{id}/versions/{version}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    deleteVersion: TRPCMutationProcedure<{ meta: object; input: DeleteModelVersionInput; output: Deletion }>;
    /**
     * Gives a version of a model a name, such as champion; another version loses it.
     *
     * By REST `PUT /api/models/{id}/aliases/{alias}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    setAlias: TRPCMutationProcedure<{ meta: object; input: SetAliasInput; output: ModelWithVersions }>;
    /**
     * Takes a name away from a version of a model.
     *
     * By REST `DELETE /api/models/{id}/aliases/{alias}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    removeAlias: TRPCMutationProcedure<{ meta: object; input: RemoveAliasInput; output: ModelWithVersions }>;
  };
  /** The state of a topology’s training at a step. */
  checkpoints: {
    /**
     * Keeps a checkpoint of a topology, from a JSON document or from an uploaded object.
     *
     * By REST `POST /api/checkpoints`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: The topology has a checkpoint of this name.
     * @throws `precondition_failed`: The object is not ready.
     * @throws `too_large`: The document has more than 16 MiB.
     */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadCheckpointInput; output: Checkpoint }>;
    /**
     * Lists a topology’s checkpoints, newest first.
     *
     * By REST `GET /api/checkpoints`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListCheckpointsInput; output: CheckpointPage }>;
    /**
     * A checkpoint.
     *
     * By REST `GET /api/checkpoints/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: CheckpointInput; output: Checkpoint }>;
    /**
     * Deletes a checkpoint with its bytes, or tells what would go.
     *
     * By REST `DELETE /api/checkpoints/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteCheckpointInput; output: Deletion }>;
  };
  /** Log files, by day. */
  logs: {
    /**
     * Stores a log under its day.
     *
     * By REST `POST /api/logs`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: `requestId` is that of another log.
     * @throws `too_large`: It has more than 16 MiB.
     */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadLogInput; output: StoredObject }>;
    /**
     * Lists logs, of one day or of all, newest first.
     *
     * By REST `GET /api/logs`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListLogsInput; output: StoredObjectPage }>;
  };
  /** Other files of an experiment: results, exported modules. */
  artifacts: {
    /**
     * Stores an artifact of at most 16 MiB.
     *
     * By REST `POST /api/artifacts`; role editor.
     * @throws `conflict`: There is something else by this name.
     * @throws `too_large`: It has more than 16 MiB.
     */
    upload: TRPCMutationProcedure<{ meta: object; input: UploadArtifactInput; output: StoredObject }>;
    /**
     * Lists artifacts, newest first.
     *
     * By REST `GET /api/artifacts`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListArtifactsInput; output: StoredObjectPage }>;
  };
  /** Bytes in the object store. They travel between the caller and the store by presigned URL. */
  objects: {
    /**
     * Begins or resumes an upload: a pending object, and presigned URLs to which its bytes go.
     *
     * By REST `POST /api/objects`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: There are other bytes at this name, or an upload of it is under way.
     */
    begin: TRPCMutationProcedure<{ meta: object; input: BeginUploadInput; output: BegunUpload }>;
    /**
     * Parts of an upload with fresh URLs, and which of them have arrived.
     *
     * By REST `GET /api/objects/{id}/parts`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: It is no upload in parts that is under way.
     */
    parts: TRPCQueryProcedure<{ meta: object; input: UploadPartsInput; output: UploadParts }>;
    /**
     * Ends an upload: checks size and SHA-256 of what arrived, and turns the object to ready.
     *
     * By REST `POST /api/objects/{id}/complete`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: Another call completes it, or took it over.
     * @throws `precondition_failed`: Bytes are missing, or are not those that were declared.
     */
    complete: TRPCMutationProcedure<{ meta: object; input: ObjectInput; output: StoredObject }>;
    /**
     * Gives an upload up, with what arrived of it.
     *
     * By REST `POST /api/objects/{id}/abort`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is ready; delete it instead.
     */
    abort: TRPCMutationProcedure<{ meta: object; input: ObjectInput; output: Done }>;
    /**
     * A URL that reads an object without a credential until it expires.
     *
     * By REST `POST /api/objects/presign`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: It is not ready.
     */
    presign: TRPCMutationProcedure<{ meta: object; input: PresignObjectInput; output: PresignedUrl }>;
    /**
     * Reads the facts of an object.
     *
     * By REST `GET /api/objects/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ObjectInput; output: StoredObject }>;
    /**
     * Tensors of a safetensors file, read from its header.
     *
     * By REST `GET /api/objects/{id}/tensors`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `precondition_failed`: It is not ready.
     */
    tensors: TRPCQueryProcedure<{ meta: object; input: ObjectTensorsInput; output: ObjectTensors }>;
    /**
     * Lists objects, newest first.
     *
     * By REST `GET /api/objects`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListObjectsInput; output: StoredObjectPage }>;
    /**
     * Deletes an object and its bytes, unless something needs it; or tells what would go.
     *
     * By REST `DELETE /api/objects/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: Something needs it, or it is being completed.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: DeleteObjectInput; output: Deletion }>;
  };
  /** Engineering context: notes, measurements and anything else that is worth finding again. */
  context: {
    /**
     * Adds a context document.
     *
     * By REST `POST /api/context`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: The id has another document.
     */
    add: TRPCMutationProcedure<{ meta: object; input: AddContextInput; output: ContextDocument }>;
    /**
     * Adds up to 5,000 context documents, each with an answer of its own.
     *
     * By REST `POST /api/context/batch`; role editor.
     */
    addMany: TRPCMutationProcedure<{ meta: object; input: AddManyContextInput; output: AddManyContextResult }>;
    /**
     * A context document.
     *
     * By REST `GET /api/context/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ContextInput; output: ContextDocument }>;
    /**
     * Changes a context document; what it was stays in its history.
     *
     * By REST `PATCH /api/context/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It was changed after `expectedRev`; `details.current` is what it is now.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateContextInput; output: ContextDocument }>;
    /**
     * Deletes a context document; its history stays.
     *
     * By REST `DELETE /api/context/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: ContextInput; output: Done }>;
    /**
     * Lists the versions of a context document, newest first.
     *
     * By REST `GET /api/context/{id}/history`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: ContextVersionPage }>;
    /**
     * Lists context documents, newest first.
     *
     * By REST `GET /api/context`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListContextInput; output: ContextPage }>;
    /**
     * Tells of context documents as they are added, changed or deleted.
     *
     * By REST `GET /api/context/live`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    live: TRPCSubscriptionProcedure<{ meta: object; input: LiveContextInput; output: AsyncIterable<Tracked<ContextNews>, void, unknown> }>;
    /**
     * Finds context documents by their words, the nearest first.
     *
     * By REST `GET /api/context/search`; role viewer.
     */
    search: TRPCQueryProcedure<{ meta: object; input: SearchContextInput; output: ContextHitPage }>;
  };
  /** Remarks on a topology, a module, a run, a dataset, a model, a chunk or a document. */
  annotations: {
    /**
     * Annotates a topology, a run, a model …
     *
     * By REST `POST /api/annotations`; role editor.
     * @throws `forbidden`: `createdBy` names another person, and you are no admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    add: TRPCMutationProcedure<{ meta: object; input: AddAnnotationInput; output: Annotation }>;
    /**
     * Lists annotations, newest first.
     *
     * By REST `GET /api/annotations`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListAnnotationsInput; output: AnnotationPage }>;
    /**
     * Changes an annotation: its author’s own, or any by an owner; what it was stays in its history.
     *
     * By REST `PATCH /api/annotations/{id}`; role editor.
     * @throws `forbidden`: It is somebody else’s, and you are no owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It was changed after `expectedRev`; `details.current` is what it is now.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateAnnotationInput; output: Annotation }>;
    /**
     * Lists the versions of an annotation, newest first.
     *
     * By REST `GET /api/annotations/{id}/history`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: AnnotationVersionPage }>;
    /**
     * Deletes an annotation: its author’s own, or any by an owner.
     *
     * By REST `DELETE /api/annotations/{id}`; role editor.
     * @throws `forbidden`: It is somebody else’s, and you are no owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    delete: TRPCMutationProcedure<{ meta: object; input: AnnotationInput; output: Done }>;
  };
  /** Times in which somebody worked on something, with what happened in them. */
  sessions: {
    /**
     * Starts a session.
     *
     * By REST `POST /api/sessions`; role editor.
     * @throws `forbidden`: `userId` names another person, and you are no owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateSessionInput; output: Session }>;
    /**
     * A session.
     *
     * By REST `GET /api/sessions/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: SessionInput; output: Session }>;
    /**
     * Logs one or many events of an active session.
     *
     * By REST `POST /api/sessions/{id}/events`; role editor.
     * @throws `forbidden`: It is somebody else’s, and you are no owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It has ended, or one of the `ids` has other values.
     */
    log: TRPCMutationProcedure<{ meta: object; input: LogSessionInput; output: LoggedSessionEvents }>;
    /**
     * Lists the events of a session in the order of their ids, the oldest first.
     *
     * By REST `GET /api/sessions/{id}/events`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    events: TRPCQueryProcedure<{ meta: object; input: SessionEventsInput; output: SessionEventPage }>;
    /**
     * Ends a session; it may be repeated.
     *
     * By REST `POST /api/sessions/{id}/end`; role editor.
     * @throws `forbidden`: It is somebody else’s, and you are no owner.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    end: TRPCMutationProcedure<{ meta: object; input: EndSessionInput; output: Session }>;
    /**
     * Lists sessions, newest first.
     *
     * By REST `GET /api/sessions`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListSessionsInput; output: SessionPage }>;
  };
  /** Series of trials with a topology: parameters, metrics and results. */
  experiments: {
    /**
     * Starts an experiment.
     *
     * By REST `POST /api/experiments`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    create: TRPCMutationProcedure<{ meta: object; input: CreateExperimentInput; output: Experiment }>;
    /**
     * An experiment with its metrics.
     *
     * By REST `GET /api/experiments/{id}`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    get: TRPCQueryProcedure<{ meta: object; input: ExperimentInput; output: ExperimentWithMetrics }>;
    /**
     * Lists experiments without their metrics, newest first.
     *
     * By REST `GET /api/experiments`; role viewer.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListExperimentsInput; output: ExperimentPage }>;
    /**
     * Tells of an experiment and its points so far, and then of each change and each point as it comes.
     *
     * By REST `GET /api/experiments/{id}/live`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    live: TRPCSubscriptionProcedure<{ meta: object; input: LiveExperimentInput; output: AsyncIterable<Tracked<ExperimentNews>, void, unknown> }>;
    /**
     * Logs one or many points of a running experiment.
     *
     * By REST `POST /api/experiments/{id}/metrics`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is over, or one of the `ids` has other values.
     */
    logMetrics: TRPCMutationProcedure<{ meta: object; input: LogExperimentMetricsInput; output: LoggedExperimentMetrics }>;
    /**
     * Changes an experiment; what it was stays in its history.
     *
     * By REST `PATCH /api/experiments/{id}`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It was changed after `expectedRev`; `details.current` is what it is now.
     */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateExperimentInput; output: Experiment }>;
    /**
     * Lists the versions of an experiment, newest first.
     *
     * By REST `GET /api/experiments/{id}/history`; role viewer.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    history: TRPCQueryProcedure<{ meta: object; input: DocumentHistoryInput; output: ExperimentVersionPage }>;
    /**
     * Ends an experiment with its results; it may be repeated.
     *
     * By REST `POST /api/experiments/{id}/complete`; role editor.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     * @throws `conflict`: It is over, with other results.
     */
    complete: TRPCMutationProcedure<{ meta: object; input: CompleteExperimentInput; output: Experiment }>;
  };
  /** The audit log: each change with its actor, target, time, address and token. */
  audit: {
    /**
     * Lists the changes made in the workspace, newest first (owners).
     *
     * By REST `GET /api/audit`; role owner.
     */
    list: TRPCQueryProcedure<{ meta: object; input: ListAuditInput; output: AuditPage }>;
  };
  /** One question to everything at once. */
  search: {
    /**
     * Finds chunks, context, topologies and models together, ranked, each with its type.
     *
     * By REST `GET /api/search`; role viewer.
     * @throws `unavailable`: None of the four could be searched.
     */
    all: TRPCQueryProcedure<{ meta: object; input: SearchAllInput; output: SearchHits }>;
  };
  /** The server itself. */
  system: {
    /**
     * Asks each store by itself, and says how long it took.
     *
     * By REST `GET /api/health`; for everybody.
     */
    health: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Health }>;
    /**
     * Reads facts about this server, and its limits.
     *
     * By REST `GET /api/info`; role viewer.
     */
    info: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Info }>;
    /**
     * Lists what is decided and not yet done in the other stores, oldest first. Admins only.
     *
     * By REST `GET /api/outbox`; role admin.
     */
    outbox: TRPCQueryProcedure<{ meta: object; input: OutboxInput; output: EffectPage }>;
    /**
     * Has parked effects tried again. Admins only.
     *
     * By REST `POST /api/outbox/retry`; role admin.
     */
    retryParked: TRPCMutationProcedure<{ meta: object; input: ParkedInput; output: ParkedResult }>;
    /**
     * Gives parked effects up for good. Admins only.
     *
     * By REST `POST /api/outbox/discard`; role admin.
     */
    discardParked: TRPCMutationProcedure<{ meta: object; input: ParkedInput; output: ParkedResult }>;
    /**
     * Walks the three stores both ways and reports in what they disagree. Admins only; may take minutes.
     *
     * By REST `GET /api/verify`; role admin.
     */
    verify: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: VerifyReport }>;
    /**
     * Mends what can be mended safely. Admins only.
     *
     * By REST `POST /api/repair`; role admin.
     * @throws `not_found`: The thing that an id names is not in this workspace.
     */
    repair: TRPCMutationProcedure<{ meta: object; input: RepairInput; output: RepairResult }>;
  };
};
