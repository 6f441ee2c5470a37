import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

// One file at a time, each with the machine for itself: a good caller's patience is counted in seconds. Where the machine was
// busy with something else, an attack is tried again.
export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/hostile/*.test.ts'], exclude: [], fileParallelism: false, retry: 2 },
});
