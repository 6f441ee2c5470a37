import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * Passes bytes on to a port of this machine, and does to them what networks do: `cut` refuses and resets, `hold` lets
 * connections stand and passes nothing on (half-open), `slow` passes on with a delay, `pass` is as if it were not there.
 */
export async function startLoopbackProxy(firstTarget: number) {
  let targetPort = firstTarget;
  type Trouble = { kind: 'pass' } | { kind: 'cut' } | { kind: 'hold' } | { kind: 'slow'; delayMs: number };
  let trouble: Trouble = { kind: 'pass' };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (near) => {
    if (trouble.kind === 'cut') return void near.resetAndDestroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        // Held bytes are lost, as when the other side has gone without a word.
        if (trouble.kind === 'hold') return;
        const pass = () => {
          if (to.writable && !to.write(chunk)) {
            from.pause();
            to.once('drain', () => from.resume());
          }
        };
        if (trouble.kind === 'slow') setTimeout(pass, trouble.delayMs);
        else pass();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    /** Passes later connections on to another port. */
    retarget(port: number) {
      targetPort = port;
    },
    /** Ends every open connection in the middle of whatever it carries. */
    reset,
    set(next: Trouble) {
      // Half-open and late connections stay dead when the trouble is over.
      if (next.kind === 'cut' || trouble.kind === 'hold' || trouble.kind === 'slow') reset();
      trouble = next;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
