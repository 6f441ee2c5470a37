/** Calls one after the other while something else goes on, and answers their statuses and how long the slowest took. */
export async function whileCalling(
  call: () => Promise<Response>,
  attack: () => Promise<unknown>,
): Promise<{ statuses: number[]; slowestMs: number }> {
  const statuses: number[] = [];
  let slowestMs = 0;
  let isOver = false;
  const attacking = attack().finally(() => {
    isOver = true;
  });
  do {
    const startedAt = performance.now();
    const response = await call();
    await response.arrayBuffer();
    statuses.push(response.status);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  } while (!isOver && statuses.length < 100_000);
  await attacking;
  return { statuses, slowestMs };
}

/** Longest wait of a good caller while others attack. The machine may be shared with other tests. */
export const goodCallerMs = 2_000;
