import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openUnreadAnswers } from '../../server/http/unread-answers.ts';
import { head, rawConnection } from '../support/raw-request.ts';

const mebibyte = 1024 * 1024;
const holder = { credential: 'token 1', workspace: 'workspace 1' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An answer that waits on a connection which its caller does not read. */
async function anUnreadAnswer(bytes: number) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const socket = (await rawConnection(address.port)).pause();
  const arrived = once(server, 'request');
  socket.write(head('GET /'));
  const [, outgoing]: [unknown, ServerResponse] = await arrived.then(([incoming, answer]) => [incoming, answer]);
  outgoing.on('error', () => undefined);
  outgoing.end(Buffer.alloc(bytes));
  return {
    outgoing,
    socket,
    [Symbol.dispose]: () => {
      socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

test('an answer that is not read is cut off after ten seconds and a second for each 64 KiB that waited', async () => {
  using answers = openUnreadAnswers();
  using one = await anUnreadAnswer(32 * mebibyte);
  answers.watch(one.outgoing, holder);
  vi.advanceTimersByTime(500_000);
  expect(one.outgoing.destroyed).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect(one.outgoing.destroyed).toBe(true);
});

test('a caller whose answers hold too much memory is refused until they are read, and no other caller is', async () => {
  using answers = openUnreadAnswers();
  using one = await anUnreadAnswer(48 * mebibyte);
  using two = await anUnreadAnswer(48 * mebibyte);
  answers.watch(one.outgoing, holder);
  vi.advanceTimersByTime(500);
  expect(() => answers.requireRoom(holder)).not.toThrow();
  answers.watch(two.outgoing, holder);
  vi.advanceTimersByTime(500);
  expect(() => answers.requireRoom(holder)).toThrow('wait to be read');
  expect(() => answers.requireRoom({ credential: 'token 2', workspace: 'workspace 1' })).not.toThrow();
  const read = once(two.outgoing, 'close');
  two.socket.resume();
  await read;
  vi.advanceTimersByTime(500);
  expect(() => answers.requireRoom(holder)).not.toThrow();
});
