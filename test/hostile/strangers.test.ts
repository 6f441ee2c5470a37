import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { flood, head, rawConnection, statusOn } from '../support/raw-request.ts';

const mebibyte = 1024 * 1024;

let server: Attacked;
beforeAll(async () => {
  server = await startAttacked();
}, 120_000);
afterAll(async () => server[Symbol.asyncDispose]());

const jsonOf = (bytes: number) => ({ 'content-type': 'application/json', 'content-length': bytes });

describe('without a credential', () => {
  test.each(['/api/topologies', '/trpc/topologies.create', '/trpc/topologies.create,system.health?batch=1'])(
    'many half-sent requests to %s are refused by their headers, and hold up nobody',
    async (path) => {
      const { result } = await server.under(() =>
        Promise.all(
          Array.from({ length: 200 }, async () => {
            const socket = await rawConnection(server.port);
            socket.write(`${head(`POST ${path}`, jsonOf(1000))}{`);
            const status = await statusOn(socket);
            socket.destroy();
            return status;
          }),
        ),
      );
      expect(new Set(result)).toEqual(new Set([401]));
    },
  );

  test('half-sent sign-ins hold places of strangers only, and are refused when they are late', async () => {
    const { result } = await server.under(() =>
      Promise.all(
        Array.from({ length: 300 }, async () => {
          const socket = await rawConnection(server.port);
          socket.write(`${head('POST /auth/sign-in/email', jsonOf(1000))}{`);
          const status = await statusOn(socket);
          socket.destroy();
          return status;
        }),
      ),
    );
    for (const status of result) expect([408, 503]).toContain(status);
  });

  const answers: Readonly<Record<string, number>> = {
    'POST /api/topologies': 401,
    'POST /api/invitations/accept': 413,
    'POST /trpc/topologies.create': 401,
    'POST /trpc/invitations.accept': 413,
    'POST /auth/sign-in/email': 413,
    'POST /docs': 404,
    'GET /docs': 200,
    'POST /health': 404,
    'DELETE /api/topologies/1': 401,
    'POST /nothing': 404,
  };
  const lines = Object.keys(answers);
  test.each(['declared', 'chunked'])('bodies of 60 MB, %s, are read by no path', async (kind) => {
    const part = Buffer.alloc(256 * 1024, 32);
    const chunk = Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
    const { result, grownBytes } = await server.under(() =>
      Promise.all(
        [...lines, ...lines, ...lines, ...lines].map(async (line) => {
          const socket = await rawConnection(server.port);
          const status = statusOn(socket);
          const isChunked = kind === 'chunked';
          const length: Record<string, string | number> = isChunked
            ? { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
            : jsonOf(60 * mebibyte);
          socket.write(head(line, length));
          const sent = await flood(socket, 60 * mebibyte, isChunked ? chunk : part);
          socket.destroy();
          return { line, status: await status, sent };
        }),
      ),
    );
    for (const { line, status, sent } of result) {
      // The kernels on both sides hold some of the bytes sent.
      expect([line, sent < 30 * mebibyte]).toEqual([line, true]);
      expect([line, status]).toEqual([line, answers[line]]);
    }
    expect(grownBytes).toBeLessThan(300 * mebibyte);
  });

  test('a batch is counted as it is answered, whatever its commas are written as', async () => {
    const ask = (names: readonly string[], comma: string) =>
      fetch(`${server.url}/trpc/${names.join(comma)}?batch=1&input={}`).then(({ status }) => status);
    const health = (count: number) => Array.from({ length: count }, () => 'system.health');
    for (const comma of [',', '%2C', '%2c']) {
      expect([comma, await ask(health(51), comma)]).toEqual([comma, 400]);
      expect([comma, await ask([...health(2), 'users.me'], comma)]).toEqual([comma, 401]);
    }
    const { result } = await server.under(async () => {
      const statuses: number[] = [];
      // An address has 1,200 calls a minute without a credential.
      for (let n = 0; n < 60 && statuses.at(-1) !== 429; n += 1) statuses.push(await ask(health(50), '%2C'));
      return statuses;
    });
    expect(result.at(-1)).toBe(429);
    expect(result.length).toBeLessThanOrEqual(25);
  });

  test('no spelling of a path reaches more than its plain one', async () => {
    const characters = (path: string) =>
      fc
        .array(fc.constantFrom('plain', 'escaped', 'twice'), { minLength: path.length, maxLength: path.length })
        .map((ways) =>
          [...path]
            .map((letter, at) => {
              const hex = letter.charCodeAt(0).toString(16);
              if (ways[at] === 'plain' || (at === 0 && letter === '/')) return letter;
              return ways[at] === 'escaped' ? `%${hex}` : `%25${hex}`;
            })
            .join(''),
        );
    const spelling = fc
      .tuple(
        fc.constantFrom('', '/', '/.', '/x/..', '/%2e', '\\', 'http://127.0.0.1', '//127.0.0.1'),
        fc
          .constantFrom('/api/users/me', '/api/topologies', '/trpc/users.me', '/trpc/topologies.list,users.me')
          .chain(characters),
        fc.constantFrom('', '/', '?batch=1&input={}', '#x'),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(spelling, async (target) => {
        const socket = await rawConnection(server.port);
        socket.write(head(`GET ${target}`, { connection: 'close' }));
        const status = await statusOn(socket);
        socket.destroy();
        expect([target, status]).toEqual([target, expect.toSatisfy((one) => [400, 401, 404, 429].includes(one))]);
      }),
      { numRuns: 200 },
    );
  });
});
