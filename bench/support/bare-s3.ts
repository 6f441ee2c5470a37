import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedObjects } from '../../server/stores/embedded/objects.ts';

// The embedded S3 in a process of its own, so that a server's memory is the server's alone.
const directory = mkdtempSync(join(tmpdir(), 'nexus-bench-s3-'));
const [accessKey, secretKey] = [process.env.S3_ACCESS_KEY ?? '', process.env.S3_SECRET_KEY ?? ''];
const store = await startEmbeddedObjects({ directory, accessKey, secretKey });
process.stdout.write(`listening ${store.endpoint}\n`);
process.once('SIGTERM', async () => {
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});
