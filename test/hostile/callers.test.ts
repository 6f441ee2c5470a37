import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { head, rawConnection, statusOn } from '../support/raw-request.ts';

const mebibyte = 1024 * 1024;

let server: Attacked;
beforeAll(async () => {
  server = await startAttacked({ NEXUS_MAX_SUBSCRIPTIONS: '400' });
}, 120_000);
afterAll(async () => server[Symbol.asyncDispose]());

const credential = () => ({ authorization: `Bearer ${server.attacker}` });
const ask = (path: string, token = server.attacker, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });

test('subscriptions of one caller leave places for those of others', async () => {
  const closing = new AbortController();
  const other = await server.tokenOf('viewer');
  const { result } = await server.under(async () => {
    const opened = await Promise.all(
      Array.from({ length: 400 }, () =>
        ask('/api/context/live', server.attacker, { signal: closing.signal }).then(({ status }) => status),
      ),
    );
    const others = await ask('/api/context/live', other, { signal: closing.signal });
    return { opened, others: others.status };
  });
  closing.abort();
  expect(result.others).toBe(200);
  expect(result.opened.filter((status) => status === 200).length).toBe(200);
  expect(result.opened.filter((status) => status === 503).length).toBe(200);
});

test('half-sent bodies of one caller leave places for those of others', async () => {
  const other = await server.tokenOf('editor');
  const { result } = await server.under(async () => {
    const sockets = await Promise.all(
      Array.from({ length: 700 }, async () => {
        const socket = await rawConnection(server.port);
        socket.write(`${head('POST /api/topologies', { ...credential(), 'content-length': 1000 })}{`);
        return socket;
      }),
    );
    const body = JSON.stringify({ name: 'beside', architecture: 'transformer' });
    const made = await ask('/api/topologies', other, { method: 'POST', body });
    for (const socket of sockets) socket.destroy();
    return made.status;
  });
  expect(result).toBe(201);
});

test('large answers that nobody reads are bounded, and hold up nobody else', async () => {
  const data = 'x'.repeat(950_000);
  for (let n = 0; n < 20; n += 1) {
    const body = JSON.stringify({ type: 'note', data, metadata: {} });
    expect((await ask('/api/context', server.attacker, { method: 'POST', body })).status).toBe(201);
  }
  const { result, grownBytes } = await server.under(async () => {
    const sockets = await Promise.all(
      Array.from({ length: 128 }, async () => {
        const socket = await rawConnection(server.port);
        socket.pause();
        socket.write(head('GET /api/context?limit=20', credential()));
        return socket;
      }),
    );
    // Those that were let in have their answers; the next one is told to read first.
    const refused = async () => (await ask('/api/users/me')).status;
    await expect.poll(refused, { timeout: 30_000, interval: 100 }).toBe(429);
    for (const socket of sockets) socket.destroy();
    await expect.poll(refused, { timeout: 30_000, interval: 100 }).toBe(200);
    return sockets.length;
  });
  expect(result).toBe(128);
  expect(grownBytes).toBeLessThan(1_200 * mebibyte);
});

test('a batch has at most 50 calls, and what they answer counts as calls of their token', async () => {
  const names = (count: number) => Array.from({ length: count }, () => 'users.me').join('%2C');
  expect((await ask(`/trpc/${names(51)}?batch=1&input={}`)).status).toBe(400);
  expect((await ask(`/trpc/${names(50)}?batch=1&input={}`)).status).toBe(200);
});

test('whoever asks before sending a body is told to go on only when it will be read', async () => {
  const socket = await rawConnection(server.port);
  socket.write(head('POST /api/topologies', { expect: '100-continue', 'content-length': 1000 }));
  expect(await statusOn(socket)).toBe(401);
  socket.destroy();
  const known = await rawConnection(server.port);
  known.write(head('POST /api/topologies', { ...credential(), expect: '100-continue', 'content-length': 2 }));
  expect(await statusOn(known)).toBe(100);
  known.write('{}');
  expect(await statusOn(known)).toBe(400);
  known.destroy();
  await once(known, 'close');
});
