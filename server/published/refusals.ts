import { z } from 'zod';
import { type Reason, reasons } from '../errors.ts';
import type { Route } from '../procedure/route.ts';
import { leastRole } from '../procedure/route.ts';
import { unwrap } from '../procedure/wire-names.ts';

/** Why any call may be refused, whatever it is; the page of errors tells of them. */
const always: readonly Reason[] = [
  'invalid_input',
  'too_many_requests',
  'internal',
  'unavailable',
  'timeout',
  'insufficient_storage',
];

/** The reasons why a procedure refuses, in the order of the closed list; `when` is given for those of its own. */
export function refusalsOf(route: Route): { reason: Reason; when: string | undefined }[] {
  const own: Partial<Record<Reason, string>> = {};
  if (namesThings(route)) own.not_found = 'The thing that an id names is not in this workspace.';
  if (route.type === 'mutation' && 'createdBy' in route.input.shape)
    own.forbidden = '`createdBy` names another person, and you are no admin.';
  Object.assign(own, route.definition.refuses);
  const general = new Set<Reason>(always);
  if (['POST', 'PUT', 'PATCH'].includes(route.method)) general.add('too_large');
  // Somebody else's change may come first, whatever it is.
  if (route.type === 'mutation') general.add('conflict');
  if (leastRole(route)) general.add('unauthenticated').add('forbidden');
  return reasons
    .filter((reason) => own[reason] !== undefined || general.has(reason))
    .map((reason) => ({ reason, when: own[reason] }));
}

/** Whether something of the input has to be there: anything of a change, what is required of a query. */
function namesThings({ input, type }: Route): boolean {
  return Object.entries(input.shape).some(([name, field]) => {
    if (!(field instanceof z.ZodType)) return false;
    if (type === 'query' && field._zod.optin !== undefined) return false;
    return isName.test(name) || idWithin(field, 0);
  });
}

const isName = /^(?:id|createdBy|userId|.*[a-z]Ids?)$/;

function idWithin(field: z.ZodType, depth: number): boolean {
  const inner = unwrap(field);
  const parts =
    inner instanceof z.ZodArray
      ? [inner.element]
      : inner instanceof z.ZodUnion
        ? inner.options
        : inner instanceof z.ZodObject
          ? Object.values(inner.shape)
          : [];
  if (inner instanceof z.ZodObject && Object.keys(inner.shape).some((name) => isName.test(name))) return true;
  return depth < 4 && parts.some((part) => part instanceof z.ZodType && idWithin(part, depth + 1));
}
