import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import type { Reason } from '../errors.ts';

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
