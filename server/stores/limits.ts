import { isIPv6 } from 'node:net';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';

/** How often something may be done by one key. */
export type Limit = {
  /** Counts it, for the limit's time or for so many seconds. Answers for how many no more is allowed, 0 where it is. */
  take(key: string, points?: number, seconds?: number): Promise<number>;
  /** Counts it and answers the count, whatever the limit. */
  count(key: string): Promise<number>;
  /** Takes back what was counted once. */
  giveBack(key: string): Promise<void>;
  forget(key: string): Promise<void>;
};

export type Limits = AsyncDisposable & { limit(name: string, points: number, seconds: number): Limit };

/**
 * Counts in Redis, so that several servers count together, or in memory where there is none. While Redis does not answer,
 * each server counts by itself.
 */
export function openLimits(redisUrl: string | undefined, log: Logger): Limits {
  const redis =
    redisUrl === undefined
      ? undefined
      : new Redis(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 2_000 });
  redis?.on('error', (error: unknown) => log.warn({ err: error }, 'Redis does not answer; limits are kept in memory.'));
  return {
    limit(name, points, seconds) {
      const options: IRateLimiterOptions = { keyPrefix: `nexus:${name}`, points, duration: seconds };
      const inMemory = new RateLimiterMemory(options);
      return limitOf(
        redis ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: inMemory }) : inMemory,
      );
    },
    async [Symbol.asyncDispose]() {
      redis?.disconnect();
    },
  };
}

/** The /64 network of an IPv6 address, since one machine may own all 2^64 addresses in it; an IPv4 address as it is. */
export function networkOf(address = 'unknown'): string {
  if (!isIPv6(address)) return address;
  // As URLs write it: in lower case, without leading zeros, with one "::" at most.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':').filter(Boolean)];
  return `${all.slice(0, 4).join(':')}::/64`;
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1000));

function limitOf(limiter: RateLimiterAbstract): Limit {
  return {
    async take(key, points = 1, seconds) {
      try {
        await limiter.consume(key, points, seconds === undefined ? {} : { customDuration: seconds });
        return 0;
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return secondsOf(refused);
        throw refused;
      }
    },
    count: async (key) => (await limiter.penalty(key, 1)).consumedPoints,
    giveBack: async (key) => void (await limiter.reward(key, 1)),
    forget: async (key) => void (await limiter.delete(key)),
  };
}
