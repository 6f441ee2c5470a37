import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// The client as it is written, not as it was last built.
// Without what packages have for bundlers, which Node cannot load.
const conditions = ['@topology-nexus/source', ...defaultServerConditions.filter((one) => one !== 'module')];

// Each file starts servers of its own; more than two at once only makes them slow.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    setupFiles: ['test/support/own-database.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/hostile/**'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
