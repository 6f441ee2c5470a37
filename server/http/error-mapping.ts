import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { NexusError, type Reason } from '../errors.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import { translatePostgresError } from '../stores/postgres.ts';
import { refusedInput } from './input-errors.ts';

/**
 * Turns anything thrown into an error that a caller may see; an unknown one becomes `internal` with its cause inside.
 * `input` is the caller's, for errors of its contract.
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
