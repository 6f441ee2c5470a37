import { createServer, type RequestListener } from 'node:http';

export type Listening = AsyncDisposable & { endpoint: string; port: number };

/** Serves on 127.0.0.1, at the port of the last time where it is free, so that presigned URLs outlive a restart. */
export async function listenOnLoopback(handler: RequestListener, preferredPort = 0): Promise<Listening> {
  const server = createServer(handler);
  // An upload of a large part may take long; the store's callers bound their own requests.
  server.requestTimeout = 0;
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await listen(preferredPort);
  } catch (error) {
    if (preferredPort === 0) throw error;
    await listen(0);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
