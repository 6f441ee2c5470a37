import { TRPCClientError } from '@trpc/client';

/** Every way in which the server refuses something. */
export type NexusReason =
  | 'invalid_input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'too_many_requests'
  | 'timeout'
  | 'insufficient_storage'
  | 'unavailable'
  | 'internal';

/** Details of each reason that a program may act on: the field, an id, a limit. More may be there. */
export type NexusDetails = {
  /** The field that is wrong, and each of them where several are. */
  invalid_input: { field: string; issues?: { field: string; problem: string; value?: unknown }[] };
  /** The thing that does not exist. */
  not_found: { kind: string; id: string | number };
  /** `current` is what is there now, of what may be edited; `field` and `value` are what is taken. */
  conflict: { field?: string; value?: unknown; kind?: string; id?: string | number; current?: unknown };
  /** The thing that is not ready, and its status. */
  precondition_failed: { kind?: string; id?: string | number; status?: string };
  /** How large it is. */
  too_large: { field?: string; sizeBytes?: number };
  /** The procedure and the role that may not call it, or the field that asks for too much. */
  forbidden: { procedure?: string; role?: string; field?: string; value?: unknown };
  /** How long was waited. */
  timeout: { timeoutMs?: number };
  /** Which store's disk is full, or takes no writes. Nothing is lost; the call may be made again when there is room. */
  insufficient_storage: { store?: 'postgres' | 'objects' | 'documents' };
  /** Which store is away. */
  unavailable: {
    store?: 'postgres' | 'objects' | 'documents' | 'embeddings';
    /** Nothing was done: the same call may be made again. The client does so by itself. */
    isSafeToRepeat?: boolean;
    retryAfterSeconds?: number;
  };
  /** When to come again. */
  too_many_requests: { retryAfterSeconds?: number };
};

/** The data of every error of the server, and of the client's own time-out. */
export type NexusErrorData<Reason extends NexusReason = NexusReason> = {
  /** tRPC's name of the status. */
  code: string;
  /** The status with which it was answered. */
  httpStatus: number;
  /** The procedure: `topologies.get`. */
  path: string | undefined;
  /** Why, from a closed list; `isNexusError(error, reason)` narrows to it. */
  reason: Reason;
  /** The field, its value, an id, a limit. */
  details: Readonly<Record<string, unknown>> & (Reason extends keyof NexusDetails ? NexusDetails[Reason] : unknown);
  /** Finds the cause in the server's log. */
  requestId: string | undefined;
};

/** An error as it travels. */
export type NexusErrorShape = { message: string; code: number; data: NexusErrorData };

/** The error that a call throws: the server's message, and in `data` why. */
export type NexusError<Reason extends NexusReason = NexusReason> = Error & {
  data: NexusErrorData<Reason>;
};

/** Whether an error is the server's refusal, and for this reason where one is named. */
export function isNexusError<Reason extends NexusReason = NexusReason>(
  error: unknown,
  reason?: Reason,
): error is NexusError<Reason> {
  if (!(error instanceof TRPCClientError)) return false;
  const data: unknown = error.data;
  if (typeof data !== 'object' || data === null || !('reason' in data)) return false;
  return reason === undefined || data.reason === reason;
}

/** Thrown by a transfer where the object store, not the server, refused it or could not be reached. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  /** The store's HTTP status; undefined where no answer came. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}
