// Generated from the server's contracts by `npm run generate`. Do not edit.
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import type { NexusErrorShape } from '../errors.ts';

/** Any JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A program’s credential, without its secret. */
export type AccessToken = {
  id: string;
  name: string;
  scope: TokenScope;
  userId: number;
  expiresAt: Date | null;
  revokedAt: Date | null;
  createdAt: Date;
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
};

export type CreateUserInput = {
  username: string;
  email: string;
  /** What a member may do. */
  role?: Role | undefined;
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

/** What was changed. */
export type Done = {
  id: number | string;
};

/** Any JSON object, kept as given. */
export type FreeJson = { [key: string]: JsonValue };

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
  };
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

export type ListModulesInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** A topology's id: 123, "123" or "topology-123". */
  topologyId?: number | string | undefined;
};

export type ListTopologiesInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  architecture?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
  /** A user's id: 123, "123" or "user-123". */
  createdBy?: number | string | undefined;
};

export type ListUsersInput = {
  /** At most so many items, 1 to 200. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
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
  createdAt: Date;
  /** The secret. It is shown this once. */
  token: string;
};

export type NoInput = Record<string, never>;

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
};

/** What a member may do. */
export type Role = "viewer" | "editor" | "owner";

export type StoreHealth = {
  status: "healthy" | "unhealthy";
  /** How long the store took to answer, or to fail; milliseconds. */
  latencyMs: number;
  error: string | null;
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

export type TopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
};

export type TopologyPage = {
  items: Topology[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
};

/** A topology with what its training came to. */
export type TopologyWithAnalytics = {
  id: number;
  name: string;
  description: string;
  architecture: string;
  config: FreeJson;
  createdAt: Date;
  updatedAt: Date;
  /** The user who made it; null: the server. */
  createdBy: number | null;
  analytics: TopologyAnalytics;
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
export type UpdateTopologyInput = {
  /** A topology's id: 123, "123" or "topology-123". */
  id: number | string;
  name?: string | undefined;
  description?: string | undefined;
  architecture?: string | undefined;
  /** Replaces the whole config. */
  config?: TopologyConfig | undefined;
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
  /** A user's id: 123, "123" or "user-123". */
  id: number | string;
};

export type UserPage = {
  items: User[];
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;
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
  tokens: {
    /** Makes an access token (owners). */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTokenInput; output: NewAccessToken }>;
    /** Lists the access tokens without their secrets (owners). */
    list: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: TokenList }>;
    /** Ends an access token (owners). */
    revoke: TRPCMutationProcedure<{ meta: object; input: TokenInput; output: Done }>;
  };
  topologies: {
    /** Creates a topology. */
    create: TRPCMutationProcedure<{ meta: object; input: CreateTopologyInput; output: Topology }>;
    /** A topology with its analytics. */
    get: TRPCQueryProcedure<{ meta: object; input: TopologyInput; output: TopologyWithAnalytics }>;
    /** Lists topologies, newest first. */
    list: TRPCQueryProcedure<{ meta: object; input: ListTopologiesInput; output: TopologyPage }>;
    /** Changes the fields that are given. */
    update: TRPCMutationProcedure<{ meta: object; input: UpdateTopologyInput; output: Topology }>;
    /** Deletes a topology with its modules and runs. */
    delete: TRPCMutationProcedure<{ meta: object; input: TopologyInput; output: Done }>;
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
    /** Deletes a module that nothing was made with. */
    delete: TRPCMutationProcedure<{ meta: object; input: ModuleInput; output: Done }>;
  };
  system: {
    /** Asks each store by itself, and says how long it took. */
    health: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Health }>;
    /** What this server is, and its limits. */
    info: TRPCQueryProcedure<{ meta: object; input: NoInput | void; output: Info }>;
  };
};
