import { setTimeout as pause } from 'node:timers/promises';
import type { NexusClient } from '@topology-nexus/client';
import { expect } from 'vitest';

/** How long a good caller waits at most for an answer while others attack. */
const patienceMs = 2_000;
/** Between two of its calls. */
const betweenMs = 20;

/**
 * Runs an attack while a good caller of another workspace reads, one call after the other, and expects that each of its calls
 * was answered in time, and that it made some. Answers what the attack does.
 */
export async function answeredMeanwhile<Result>(good: NexusClient, attack: () => Promise<Result>): Promise<Result> {
  let isOver = false;
  const slowest = { ms: 0, count: 0 };
  const failures: unknown[] = [];
  const calling = (async () => {
    while (!isOver || slowest.count < 3) {
      const startedAt = performance.now();
      await good.topologies.list.query({ limit: 10 }).catch((error: unknown) => failures.push(error));
      slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
      slowest.count += 1;
      await pause(betweenMs);
    }
  })();
  try {
    return await attack();
  } finally {
    isOver = true;
    await calling;
    expect(failures).toEqual([]);
    expect(slowest.ms).toBeLessThan(patienceMs);
  }
}
