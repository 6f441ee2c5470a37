import { z } from 'zod';
import { NexusError } from '../errors.ts';
import { reasonTable } from '../procedure/reason-table.ts';
import { inWireNames } from '../procedure/wire-names.ts';
import { retryAfter } from './limits.ts';
import { newRequestId } from './request-id.ts';

const Refused = z.looseObject({
  field: z.string(),
  issues: z.array(z.looseObject({ field: z.string(), problem: z.string() })).optional(),
});

/** A refused input, by the names under which the caller gave its fields. */
export function withWireNames(error: NexusError, names: ReadonlyMap<string, string>): NexusError {
  const refused = Refused.safeParse(error.details);
  if (!refused.success) return error;
  const { field, issues, ...others } = refused.data;
  const named = (text: string) => inWireNames(text, names);
  return new NexusError(error.reason, named(error.message), {
    cause: error.cause,
    details: {
      ...others,
      field: named(field),
      ...(issues && {
        issues: issues.map((issue) => ({ ...issue, field: named(issue.field), problem: named(issue.problem) })),
      }),
    },
  });
}

/** RFC 9457. `field` and `issues` are in the details of an `invalid_input`. What is refused before a call has an id of its own. */
export function problem(
  error: NexusError,
  requestId = newRequestId(),
  status?: number,
  headers: Record<string, string> = {},
): Response {
  const { contentType, body, ...told } = problemOf(error, requestId, status);
  return new Response(body, {
    status: told.status,
    headers: { 'content-type': contentType, ...told.headers, ...headers },
  });
}

/** The parts of `problem`. */
export function problemOf(error: NexusError, requestId: string, status: number = reasonTable[error.reason].status) {
  return {
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify(problemBody(error, requestId, status)),
    headers: { 'x-request-id': requestId, ...retryAfter(error) },
  };
}

export function problemBody(
  error: NexusError,
  requestId: string,
  status: number = reasonTable[error.reason].status,
): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: error.reason,
    status,
    detail: error.message,
    ...(Object.keys(error.details).length > 0 && { details: error.details }),
    request_id: requestId,
  };
}
