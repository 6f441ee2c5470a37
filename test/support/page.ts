import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { temporaryDirectory } from './temporary.ts';

const example = fileURLToPath(new URL('../../client/examples/react', import.meta.url));
// Without these Chromium asks the network for things of its own.
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const quiet = ['--disable-component-update', '--disable-sync'];

/** A Chromium, and the example's page, built and served on loopback at `origin`. */
export async function openPages() {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = { configFile: `${example}/vite.config.ts`, logLevel: 'error' as const };
  const outDir = directory.path;
  await build({ ...config, build: { outDir, emptyOutDir: true } });
  const site = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 0, proxy: {} } });
  opened.defer(() => site.close());
  const address = site.resolvedUrls?.local[0];
  if (!address) throw new Error('Vite serves the page nowhere.');
  const executablePath = process.env.BROWSER || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, headless: true, args: [...args, ...quiet] });
  opened.defer(() => browser.close());
  const closing = opened.move();
  return {
    origin: new URL(address).origin,
    /** A page of its own; `problems` are what it complained of. */
    async open() {
      const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      page.setDefaultTimeout(20_000);
      await page.goto(address);
      return { page, problems, [Symbol.asyncDispose]: () => page.close() };
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
