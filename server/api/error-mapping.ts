import { type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { NexusError, type Reason } from '../errors.ts';
import { translatePostgresError } from '../stores/postgres.ts';
import { refusedInput } from './input-errors.ts';

/** The one table from reasons to tRPC codes and HTTP statuses. */
export const reasonTable = {
  invalid_input: { code: 'BAD_REQUEST', status: 400 },
  unauthenticated: { code: 'UNAUTHORIZED', status: 401 },
  forbidden: { code: 'FORBIDDEN', status: 403 },
  not_found: { code: 'NOT_FOUND', status: 404 },
  conflict: { code: 'CONFLICT', status: 409 },
  precondition_failed: { code: 'PRECONDITION_FAILED', status: 412 },
  too_large: { code: 'PAYLOAD_TOO_LARGE', status: 413 },
  too_many_requests: { code: 'TOO_MANY_REQUESTS', status: 429 },
  timeout: { code: 'GATEWAY_TIMEOUT', status: 504 },
  // tRPC has no code of its own for it; the status tells it from `unavailable`.
  insufficient_storage: { code: 'SERVICE_UNAVAILABLE', status: 507 },
  unavailable: { code: 'SERVICE_UNAVAILABLE', status: 503 },
  internal: { code: 'INTERNAL_SERVER_ERROR', status: 500 },
} as const satisfies Record<Reason, { code: TRPC_ERROR_CODE_KEY; status: number }>;

/**
 * Whatever was thrown, as the error that a caller may see; an unknown one becomes `internal` with its cause inside. `input`
 * is what the caller gave, for what its contract refused.
 */
export function toNexusError(thrown: unknown, input?: unknown): NexusError {
  const error = thrown instanceof TRPCError && thrown.cause ? thrown.cause : thrown;
  // Drizzle wraps whatever its driver throws, our own refusals included.
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof NexusError) return at.reason === 'internal' && thrown !== at ? internal(at) : at;
  }
  if (error instanceof z.ZodError) {
    // An output that breaks its contract is our fault, not the caller's.
    if (thrown instanceof TRPCError && thrown.code === 'INTERNAL_SERVER_ERROR') return internal(error);
    return refusedInput(error, input);
  }
  const translated = translatePostgresError(error);
  if (translated) return translated;
  if (thrown instanceof TRPCError) {
    const reason = reasons.find(([, row]) => row.code === thrown.code)?.[0];
    if (reason && reason !== 'internal') return new NexusError(reason, thrown.message, { cause: thrown });
    if (
      thrown.code === 'METHOD_NOT_SUPPORTED' ||
      thrown.code === 'PARSE_ERROR' ||
      thrown.code === 'UNSUPPORTED_MEDIA_TYPE'
    ) {
      return new NexusError('invalid_input', thrown.message, { cause: thrown });
    }
  }
  return internal(error);
}

/** Throws it as tRPC sends it with its own status; what tRPC wraps by itself becomes a 500. */
export function asTrpcError(thrown: unknown): never {
  const error = toNexusError(thrown);
  throw new TRPCError({ code: reasonTable[error.reason].code, message: error.message, cause: error });
}

const reasons: readonly (readonly [Reason, { code: string }])[] = [
  ['invalid_input', reasonTable.invalid_input],
  ['unauthenticated', reasonTable.unauthenticated],
  ['forbidden', reasonTable.forbidden],
  ['not_found', reasonTable.not_found],
  ['conflict', reasonTable.conflict],
  ['precondition_failed', reasonTable.precondition_failed],
  ['too_large', reasonTable.too_large],
  ['too_many_requests', reasonTable.too_many_requests],
  ['timeout', reasonTable.timeout],
  ['unavailable', reasonTable.unavailable],
];

function internal(cause: unknown): NexusError {
  return new NexusError('internal', 'The server failed; its log has the cause under this request id.', { cause });
}
