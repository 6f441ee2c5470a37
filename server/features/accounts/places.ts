import { NexusError } from '../../errors.ts';

const retryAfterSeconds = 1;

/** Places for what is dear, so many in all and so many of one address. */
export type Places = {
  /** A place, given back by its disposal. Throws `too_many_requests` or `unavailable` at once where there is none. */
  take(address: string | undefined): Disposable;
};

/** `noun` is what they are for, as the refusal says it. */
export function openPlaces(noun: string, { inAll, ofOneAddress }: { inAll: number; ofOneAddress: number }): Places {
  const held = new Map<string, number>();
  let count = 0;
  return {
    take(address = 'unknown') {
      const own = held.get(address) ?? 0;
      if (own >= ofOneAddress) {
        throw new NexusError('too_many_requests', `Too many ${noun} at a time; try again in ${retryAfterSeconds} s.`, {
          details: { retryAfterSeconds },
        });
      }
      if (count >= inAll) {
        throw new NexusError('unavailable', `The server has ${count} ${noun} in work; try again shortly.`, {
          details: { retryAfterSeconds },
        });
      }
      count += 1;
      held.set(address, own + 1);
      return {
        [Symbol.dispose]() {
          count -= 1;
          const left = (held.get(address) ?? 1) - 1;
          if (left === 0) held.delete(address);
          else held.set(address, left);
        },
      };
    },
  };
}
