import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DocumentsAddress } from '../../server/stores/documents.ts';

export type Asked = { method: string; path: string; authorization: string | undefined; port: number | undefined };

/** A loopback proxy before CouchDB that remembers what it was asked, and fails as the test says. */
export async function proxyOf(address: DocumentsAddress) {
  const asked: Asked[] = [];
  const open = new Set<ClientRequest>();
  let fails: (asked: Asked) => 'answer' | 'request' | number | undefined = () => undefined;
  const server = createServer((incoming, outgoing) => {
    const one = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      authorization: incoming.headers.authorization,
      port: incoming.socket.remotePort,
    };
    asked.push(one);
    const failure = fails(one);
    if (failure === 'request') return incoming.socket.destroy();
    if (typeof failure === 'number') {
      outgoing.writeHead(failure, { 'content-type': 'application/json' });
      return outgoing.end('{"error":"failed","reason":"as the test says"}');
    }
    const { method, headers } = incoming;
    const upstream = request(`${address.url}${incoming.url}`, { method, headers }, async (answer: IncomingMessage) => {
      if (failure === 'answer') {
        // The request is done; its answer never arrives.
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    open.add(upstream);
    upstream.on('close', () => open.delete(upstream));
    upstream.on('error', () => incoming.socket.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: Pick<AddressInfo, 'port'> = Object(server.address());
  return {
    address: { ...address, url: `http://127.0.0.1:${port}` },
    asked,
    /** 'request': the connection breaks before it; 'answer': after what was asked is done; a number: that status. */
    failWhen(failing: typeof fails) {
      fails = failing;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const one of open) one.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Fails the first `times` of what a test picks out. */
export function firstOf<Failure>(times: number, failure: Failure, picks: (asked: Asked) => boolean) {
  let left = times;
  return (asked: Asked) => (picks(asked) && left-- > 0 ? failure : undefined);
}
