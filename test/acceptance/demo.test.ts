import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startNexus } from '../support/nexus.ts';

const demo = fileURLToPath(new URL('../../demo/demo.ts', import.meta.url));

test('the demonstration finds what it says that it finds, and does not fail when it is run again', {
  timeout: 240_000,
}, async () => {
  await using nexus = await startNexus();
  const run = async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', '--conditions=@topology-nexus/source', demo],
      { env: { ...process.env, NEXUS_URL: nexus.url, NEXUS_TOKEN: nexus.token } },
    );
    return stdout;
  };
  const first = await run();
  expect(first).toMatch(/ok: (\d+) of \1 questions found their chunk/);
  expect(first).toMatch(/ok: SHA-256 [0-9a-f]{16}… is that of the file/);
  const second = await run();
  expect(second).toContain(', 0 of them new');
  expect(second).toContain('"runCount": 2');
});
