import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { inNameOf } from '../stores/callers.ts';

type Waiting<In, Out> = {
  input: In;
  resolve: (output: Out) => void;
  reject: (error: unknown) => void;
  /** Runs the work of a batch as part of its first call's trace. */
  inItsName?: <Result>(work: () => Result) => Result;
};

/**
 * Lets calls of one moment share one piece of work: while one is done, those that come wait, and are the next, at most
 * `most` at a time, and once in `everyMs` at most. Many small transactions cost PostgreSQL ten times what one of them all
 * does. `work` answers each input in its order; where it fails, all of its calls do.
 */
export function gathered<In, Out>(
  most: number,
  work: (inputs: readonly In[]) => Promise<readonly Out[]>,
  everyMs = 0,
): (input: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  let isBusy = false;
  let startedAt = Number.NEGATIVE_INFINITY;

  const run = async () => {
    isBusy = true;
    // Calls that came in one request begin in one turn of the event loop; the first must not go without the others.
    await nextTurn();
    while (waiting.length > 0) {
      const earlyMs = startedAt + everyMs - performance.now();
      if (earlyMs > 0) await wait(earlyMs);
      startedAt = performance.now();
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const inputs = batch.map(({ input }) => input);
        // Work that several calls wait for must not end with any one of them.
        const inNobodys = () => inNameOf(undefined, () => work(inputs));
        const outputs = await (batch[0]?.inItsName?.(inNobodys) ?? inNobodys());
        for (const [place, { resolve, reject }] of batch.entries()) {
          const output = outputs[place];
          if (output === undefined) reject(new Error('The work answered too few.'));
          else resolve(output);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isBusy = false;
  };

  return (input) =>
    new Promise((resolve, reject) => {
      const one: Waiting<In, Out> = { input, resolve, reject };
      if (waiting.length % most === 0) one.inItsName = AsyncLocalStorage.snapshot();
      waiting.push(one);
      if (!isBusy) void run();
    });
}
