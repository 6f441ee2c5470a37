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
  /** Counts it. Answers for how many seconds no more is allowed, 0 where it is. */
  take(key: string, points?: number): Promise<number>;
  /** For how many seconds nothing is allowed, 0 where something is; counts nothing. */
  waitOf(key: string): Promise<number>;
  /** Counts it and answers the count, whatever the limit. */
  count(key: string): Promise<number>;
  /** Allows nothing for so many seconds. */
  block(key: string, seconds: number): Promise<void>;
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

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1000));

function limitOf(limiter: RateLimiterAbstract): Limit {
  return {
    async take(key, points = 1) {
      try {
        await limiter.consume(key, points);
        return 0;
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return secondsOf(refused);
        throw refused;
      }
    },
    async waitOf(key) {
      const state = await limiter.get(key);
      return state && state.consumedPoints > limiter.points ? secondsOf(state) : 0;
    },
    count: async (key) => (await limiter.penalty(key, 1)).consumedPoints,
    block: async (key, seconds) => void (await limiter.block(key, seconds)),
    forget: async (key) => void (await limiter.delete(key)),
  };
}
