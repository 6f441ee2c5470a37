import { expect, test } from 'vitest';
import '../../server/stores/postgres-connection.ts';

test('what postgres.js cannot write to a connection that has died costs nobody else a turn', async () => {
  let failures = 0;
  const nextWrite = () => {
    failures += 1;
    throw new TypeError("Cannot read properties of null (reading 'write')");
  };
  const turns: number[] = [];
  const last = new Promise<void>((resolve) => {
    setImmediate(nextWrite);
    setImmediate((turn: number) => turns.push(turn), 1);
    setImmediate(nextWrite);
    setImmediate(() => {
      turns.push(2);
      resolve();
    });
  });
  await last;
  expect([failures, turns]).toEqual([2, [1, 2]]);
});
