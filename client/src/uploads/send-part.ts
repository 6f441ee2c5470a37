import { platform } from '#platform';
import { TransferError } from '../errors.ts';
import type { Bytes, PutAnswer } from '../platform/platform.ts';
import { delayMsOf, type RetryOptions, retryAfterMsOf, wait } from '../retry.ts';

export type PartToSend = {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** As an error names it: `part 3`. */
  what: string;
  from: number;
  to: number;
  /** Another URL of the same part, for when this one has expired. */
  renew: () => Promise<{ url: string; headers: Readonly<Record<string, string>> }>;
};

/** S3 answers these with 400 although the same request may well succeed. */
const passing = /<Code>(RequestTimeout|BadDigest|IncompleteBody|XAmzContentChecksumMismatch)<\/Code>/;
/** The browser and `node:http` set these by themselves. */
const ownHeaders = new Set(['content-length', 'host']);

/**
 * Sends one part, again and again with a growing pause where the connection or the store fails, with a fresh URL where the
 * old one has expired. Throws TransferError when the attempts are used up, or at once where the store refuses for good.
 */
export async function sendPart(
  part: PartToSend,
  options: { bytes: Bytes; retry: RetryOptions; signal: AbortSignal; onSent: (sentBytes: number) => void },
): Promise<void> {
  const { bytes, retry, signal, onSent } = options;
  let { url, headers } = part;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await attemptPut({ ...part, url, headers }, { bytes, signal, onSent });
    if (answer instanceof Error || answer.status >= 300) onSent(0);
    else return;
    const problem = problemOf(answer, part.what);
    if (!problem.mayPass || attempt >= retry.maxAttempts) throw problem.error;
    await wait(delayMsOf(retry, attempt, problem.retryAfterMs), signal);
    if (problem.isExpired) ({ url, headers } = await part.renew());
  }
}

async function attemptPut(
  { url, headers, from, to }: PartToSend,
  { bytes, signal, onSent }: { bytes: Bytes; signal: AbortSignal; onSent: (sentBytes: number) => void },
): Promise<PutAnswer | Error> {
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name.toLowerCase())));
  try {
    return await platform.put({ url, headers: sent, bytes, from, to, signal, onSent });
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  }
}

function problemOf(answer: PutAnswer | Error, what: string) {
  if (answer instanceof Error) {
    const error = new TransferError(`The object store could not be reached to send ${what}: ${answer.message}`, {
      cause: answer,
    });
    return { error, mayPass: true, isExpired: false, retryAfterMs: undefined };
  }
  const { status, text, retryAfter } = answer;
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
  return {
    error: new TransferError(`The object store refused ${what} with ${status}${code ? ` ${code}` : ''}.`, { status }),
    mayPass: status >= 500 || [403, 408, 429].includes(status) || passing.test(text),
    isExpired: status === 403,
    retryAfterMs: retryAfterMsOf(retryAfter),
  };
}
