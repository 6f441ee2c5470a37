/**
 * Every way in which the product refuses something. The list is closed: `procedure/reason-table.ts` maps each to a tRPC code
 * and an HTTP status in one table that the compiler checks.
 */
export const reasons = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'precondition_failed',
  'too_large',
  'too_many_requests',
  'timeout',
  'insufficient_storage',
  'unavailable',
  'internal',
] as const;

export type Reason = (typeof reasons)[number];

/** Facts a caller's program may act on: the field, the offending value, an id. Never a secret, SQL or a stack. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The only error that the domain throws. The message has subject, problem, value and remedy, and may be shown to the
 * caller as it is, except for `internal`, whose cause goes to the log and whose message the API replaces.
 */
export class NexusError extends Error {
  readonly reason: Reason;
  readonly details: ErrorDetails;

  constructor(reason: Reason, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NexusError';
    this.reason = reason;
    this.details = options.details ?? {};
  }
}

/** Refuses a caller's value, naming the field. */
export function invalidInput(field: string, message: string, details: ErrorDetails = {}): NexusError {
  return new NexusError('invalid_input', message, { details: { field, ...details } });
}

/** Says that a thing does not exist, which is also the answer for a thing of another workspace. */
export function notFound(kind: string, id: string | number): NexusError {
  return new NexusError('not_found', `There is no ${kind} ${JSON.stringify(String(id))} in this workspace.`, {
    details: { kind, id },
  });
}
