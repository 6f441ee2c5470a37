import net from 'node:net';
import { z } from 'zod';

/** Faults of a connection to the store; each answers whether it acts on this request. */
export type Faults = {
  /** Breaks the connection once a mebibyte of the request's body has passed. */
  breaks?: (request: string) => boolean;
  /** Breaks the connection at once. */
  refuses?: (request: string) => boolean;
  /** Lets nothing of the request through, and never answers. */
  stalls?: (request: string) => boolean;
  /** Answers instead of the store, which sees nothing of the request. */
  answers?: (request: string) => Refusal | undefined;
  /** Breaks the connection once a mebibyte of the answer has passed. */
  breaksAnswer?: (request: string) => boolean;
  /** Changes a byte of the answer's body. */
  corrupts?: (request: string) => boolean;
};

/** The answer of a store in trouble; the time is in seconds, as the header has it. */
export type Refusal = { status: number; code: string; retryAfter?: string };

function refusalOf({ status, code, retryAfter }: Refusal): string {
  const body = `<Error><Code>${code}</Code></Error>`;
  const headers = [
    `content-length: ${body.length}`,
    'connection: close',
    ...(retryAfter ? [`retry-after: ${retryAfter}`] : []),
  ];
  return [`HTTP/1.1 ${status} Refused`, ...headers, '', body].join('\r\n');
}

const passBytes = 1024 * 1024;

/**
 * A loopback proxy in front of the object store that counts what goes through, and drops connections as it is told. It
 * changes no header, so that signatures hold.
 */
export async function startStoreProxy(target: string) {
  const { hostname, port } = new URL(target);
  const requests: string[] = [];
  let faults: Faults = {};
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const store = net.connect(Number(port), hostname);
    for (const socket of [client, store]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => store.destroy());
    store.on('close', () => client.destroy());
    const state = { broken: false, passed: 0, answered: 0, breaksAnswer: false, corrupts: false, refused: false };
    client.on('data', (chunk) => {
      if (state.refused) return;
      const line = /^(?:GET|PUT|HEAD) \S+/.exec(chunk.subarray(0, 4096).toString('latin1'))?.[0];
      if (line) {
        requests.push(line);
        if (faults.refuses?.(line)) return client.destroy();
        if (faults.stalls?.(line)) return client.pause();
        const refusal = faults.answers?.(line);
        if (refusal) {
          // Drops the rest of the body, or the answer would be lost with the connection.
          state.refused = true;
          return client.end(refusalOf(refusal));
        }
        const broken = faults.breaks?.(line) === true;
        const [breaksAnswer, corrupts] = [faults.breaksAnswer?.(line) === true, faults.corrupts?.(line) === true];
        Object.assign(state, { broken, passed: 0, answered: 0, breaksAnswer, corrupts });
      }
      state.passed += chunk.length;
      if (state.broken && state.passed > passBytes) return client.destroy();
      if (!store.write(chunk)) {
        client.pause();
        store.once('drain', () => client.resume());
      }
    });
    store.on('data', (chunk) => {
      state.answered += chunk.length;
      if (state.breaksAnswer && state.answered > passBytes) return client.destroy();
      if (state.corrupts && state.answered > 10_000) {
        chunk.writeUInt8(chunk.readUInt8(chunk.length - 1) ^ 1, chunk.length - 1);
        state.corrupts = false;
      }
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Requests since the last `reset`, in order. */
    requests,
    /** How often each part was begun to be sent. */
    sends: (partNumber: number) => requests.filter((line) => isPart(line, partNumber)).length,
    reset(next: Faults = {}) {
      requests.length = 0;
      faults = next;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export const isPart = (request: string, partNumber: number) =>
  request.startsWith('PUT ') && new RegExp(`[?&]partNumber=${partNumber}(?:&|$)`).test(request);

/** Answers true the first so many times that a condition holds. */
export function times(count: number, condition: (request: string) => boolean): (request: string) => boolean {
  let left = count;
  return (request) => {
    if (left === 0 || !condition(request)) return false;
    left -= 1;
    return true;
  };
}
