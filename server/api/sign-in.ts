import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import { NexusError, type Reason } from '../errors.ts';
import { arrivalOf } from './caller.ts';
import { addressOf, type Credentials, refuseForeignPage } from './credentials.ts';
import { toNexusError } from './error-mapping.ts';
import type { CallLimits } from './limits.ts';
import { problem } from './problem.ts';

const Refusal = z.object({ message: z.string() });
const reasons: Readonly<Record<number, Reason>> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  415: 'invalid_input',
  422: 'invalid_input',
};

/** Below `/auth`: the sign-in of people, its refusals in the form of all others. */
export async function answerSignIn(
  c: HonoContext,
  { accounts, origins, proxies }: Credentials,
  limits: CallLimits,
): Promise<Response> {
  const { caller } = arrivalOf(c);
  // The provider's own page may send a person back; what it brings is checked against what was asked.
  if (!c.req.path.startsWith('/auth/callback/')) {
    const isRequired = c.req.method !== 'GET' && c.req.header('cookie') !== undefined;
    try {
      refuseForeignPage(caller, origins, isRequired);
    } catch (error) {
      return problem(toNexusError(error), caller.requestId);
    }
  }
  const address = addressOf(caller, proxies);
  const email = c.req.path === '/auth/sign-in/email' ? await emailOf(c) : undefined;
  try {
    if (email === undefined) await limits.countCall(caller, undefined, address);
    else await limits.beforeSignIn(email, address);
  } catch (error) {
    return problem(toNexusError(error), caller.requestId);
  }
  const response = await accounts.answer(c.req.raw, { address, email });
  if (email !== undefined) await limits.afterSignIn(email, address, response?.status === 200);
  if (!response)
    return problem(new NexusError('not_found', `There is no ${c.req.method} ${c.req.path}.`), caller.requestId);
  if (response.status < 400) return response;
  const refusal = Refusal.safeParse(await response.json().catch(() => undefined));
  const reason = reasons[response.status] ?? 'internal';
  const message = reason === 'internal' || !refusal.success ? 'The sign-in failed.' : refusal.data.message;
  return problem(new NexusError(reason, message), caller.requestId);
}

const SignIn = z.object({ email: z.string().max(320) });

/** Whose sign-in it is; the library reads the body again. */
async function emailOf(c: HonoContext): Promise<string> {
  const body: unknown = await c.req.raw
    .clone()
    .json()
    .catch(() => undefined);
  return SignIn.safeParse(body).data?.email ?? '';
}
