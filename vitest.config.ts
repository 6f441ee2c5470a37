import { defineConfig } from 'vitest/config';

// Each file starts servers of its own; more than two at once only makes them slow.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], maxWorkers: 2, testTimeout: 60_000, hookTimeout: 60_000 },
});
