import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

// Minutes of killing real servers: `npm run test:kill`.
export default defineConfig({
  ...config,
  test: { ...config.test, include: ['test/kill/*.kill.ts'], testTimeout: 900_000 },
});
