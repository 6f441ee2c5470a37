import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConsumer } from '../../bench/support/consumer.ts';

let consumer: ReturnType<typeof openConsumer>;
beforeAll(() => {
  consumer = openConsumer();
}, 120_000);
afterAll(() => consumer[Symbol.dispose]());

/** The counts at the time of writing and a fifth more: further procedures cost something, a leak costs a multiple. */
const mostInstantiations = { alone: 2_400, withLibraries: 55_000 };

test('a project pays for the client no more type instantiations than it did', () => {
  const cost = (skipLibCheck: boolean) =>
    consumer.compile('client', skipLibCheck).instantiations - consumer.compile('empty', skipLibCheck).instantiations;
  expect(cost(true)).toBeLessThanOrEqual(mostInstantiations.alone);
  expect(cost(false)).toBeLessThanOrEqual(mostInstantiations.withLibraries);
});

test('the compiler of a project reads nothing of the server, so that its internals cost nothing', () => {
  const { files } = consumer.compile('client', false);
  expect(files.some((file) => file.startsWith('client/dist/'))).toBe(true);
  expect(
    files.filter((file) => /^(?:server|drizzle)\/|node_modules\/(?:zod|drizzle-orm|hono|postgres)\//.test(file)),
  ).toEqual([]);
});
