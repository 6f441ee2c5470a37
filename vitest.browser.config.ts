import { mergeConfig } from 'vitest/config';
import suite from './vitest.config.ts';

// Apart from the other suites, for it needs a Chromium: BROWSER is its path, /usr/bin/chromium otherwise.
const config = mergeConfig(suite, {});
export default { ...config, test: { ...config.test, include: ['test/browser/**/*.test.ts'], exclude: [] } };
