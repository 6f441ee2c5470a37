import { shapeOf } from './repeat-link.ts';

/** The type of the runtime's `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const rpcInternal = -32_603;

/**
 * A fetch whose answers tRPC can read: what a proxy in between says in HTML becomes an error as the server would give it.
 */
export function nexusFetch(send: Fetch): Fetch {
  return async (input, init) => {
    const response = await send(input, init);
    const isOurs = response.ok || response.headers.get('content-type')?.includes('json');
    if (isOurs) return response;
    await response.body?.cancel();
    const { status, statusText, headers } = response;
    const reason = status === 429 ? 'too_many_requests' : status >= 500 ? 'unavailable' : 'internal';
    const error = shapeOf(
      reason,
      `The server could not be asked: something in between answered ${status} ${statusText}.`,
      {
        httpStatus: status,
        details: { status, ...(status === 503 && { isSafeToRepeat: true }) },
        code: rpcInternal,
      },
    );
    const retryAfter = headers.get('retry-after');
    return new Response(JSON.stringify({ error: { json: error } }), {
      status,
      headers: { 'content-type': 'application/json', ...(retryAfter !== null && { 'retry-after': retryAfter }) },
    });
  };
}
