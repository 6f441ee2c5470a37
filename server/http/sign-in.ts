import { setTimeout as wait } from 'node:timers/promises';
import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import { invalidInput, NexusError, type Reason } from '../errors.ts';
import type { AccountRequest, Accounts } from '../features/accounts/index.ts';
import { arrivalOf, type Caller } from './caller.ts';
import { addressOf, type Credentials, refuseForeignPage } from './credentials.ts';
import { toNexusError } from './error-mapping.ts';
import type { CallLimits, GuessOutcome } from './limits.ts';
import { problem } from './problem.ts';

/** A wrong guess is answered on a whole step: a known address takes a query more than an unknown one, beside 60 ms of scrypt. */
const stepMs = 50;

const Refusal = z.object({ message: z.string(), code: z.string().optional() });
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
  try {
    // The provider's own page may send a person back; what it brings is checked against what was asked.
    if (!c.req.path.startsWith('/auth/callback/')) {
      const isRequired = c.req.method !== 'GET' && c.req.header('cookie') !== undefined;
      refuseForeignPage(caller, origins, isRequired);
    }
    return await answerCounted(c, caller, addressOf(caller, proxies), accounts, limits);
  } catch (thrown) {
    const error = toNexusError(thrown);
    if (error.reason === 'internal') throw thrown;
    return problem(error, caller.requestId);
  }
}

async function answerCounted(
  c: HonoContext,
  caller: Caller,
  address: string | undefined,
  accounts: Accounts,
  limits: CallLimits,
): Promise<Response> {
  // Before anything of it is read.
  await limits.countCall(caller, undefined, address);
  const { method, url, raw } = c.req;
  const asked: AccountRequest = { method, url, headers: raw.headers, body: await bodyOf(c), address };
  const whose = await accounts.guessedBy(asked);
  if (whose === undefined) return (await answerOf(c, caller, accounts, asked)).response;
  const startedAt = performance.now();
  const settle = await limits.countGuess(whose, address);
  let outcome: GuessOutcome = 'unseen';
  try {
    const answered = await answerOf(c, caller, accounts, asked);
    outcome = answered.outcome;
    return answered.response;
  } finally {
    await settle(outcome);
    if (outcome === 'wrong') await wait(stepMs - ((performance.now() - startedAt) % stepMs));
  }
}

async function answerOf(
  c: HonoContext,
  { requestId }: Caller,
  accounts: Accounts,
  asked: AccountRequest,
): Promise<{ response: Response; outcome: GuessOutcome }> {
  const response = await accounts.answer(asked);
  if (!response) {
    const error = new NexusError('not_found', `There is no ${c.req.method} ${c.req.path}.`);
    return { response: problem(error, requestId), outcome: 'unseen' };
  }
  if (response.status < 400) return { response, outcome: 'right' };
  const refusal = Refusal.safeParse(await response.json().catch(() => undefined)).data;
  const reason = reasons[response.status] ?? 'internal';
  const message = reason === 'internal' || !refusal ? 'The sign-in failed.' : refusal.message;
  const isWrong = response.status === 401 || refusal?.code === 'INVALID_PASSWORD';
  return { response: problem(new NexusError(reason, message), requestId), outcome: isWrong ? 'wrong' : 'unseen' };
}

const JsonObject = z.record(z.string(), z.unknown());

/** Nothing but JSON: a form of another site's page needs nobody's leave. */
async function bodyOf(c: HonoContext): Promise<AccountRequest['body']> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return undefined;
  const text = await c.req.text();
  if (text === '') return undefined;
  const parsed = JsonObject.safeParse(jsonOf(text));
  if (!parsed.success) throw invalidInput('body', 'The body is no JSON object; send one such as {"email": …}.');
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
