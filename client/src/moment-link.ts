import type { TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { NexusRouter } from './generated/api.ts';

/** Once what runs now has run. A timer of 0 ms takes Node a whole millisecond, longer than most calls. */
const afterThis: (work: () => void) => void =
  typeof setImmediate === 'function' ? (work) => void setImmediate(work) : (work) => void setTimeout(work, 0);

type Waiting = (isAlone: boolean) => void;

/**
 * Sends a call that has its moment for itself by `alone`, and those that share one by `together`: a stream of answers costs
 * client and server several times what one plain answer does. Queries and mutations do not share.
 */
export function momentLink(alone: TRPCLink<NexusRouter>, together: TRPCLink<NexusRouter>): TRPCLink<NexusRouter> {
  return (runtime) => {
    const [single, shared] = [alone(runtime), together(runtime)];
    const moments = { query: new Set<Waiting>(), mutation: new Set<Waiting>(), subscription: new Set<Waiting>() };
    return ({ op, next }) =>
      observable((observer) => {
        const moment = moments[op.type];
        let sent: { unsubscribe(): void } | undefined;
        const send: Waiting = (isAlone) => {
          sent = (isAlone ? single : shared)({ op, next }).subscribe(observer);
        };
        if (moment.size === 0) {
          afterThis(() => {
            const calls = [...moment];
            moment.clear();
            for (const call of calls) call(calls.length === 1);
          });
        }
        moment.add(send);
        return () => {
          moment.delete(send);
          sent?.unsubscribe();
        };
      });
  };
}
