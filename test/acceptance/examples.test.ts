import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

const folder = fileURLToPath(new URL('../../examples/node', import.meta.url));
const examples = readdirSync(folder).filter((name) => name !== 'client.ts' && name !== 'running-server.ts');

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

test.each(examples)('the example %s runs against a live server as it is', async (name) => {
  const options = ['--no-warnings', '--conditions=@topology-nexus/source', `${folder}/${name}`];
  const { stdout } = await promisify(execFile)(process.execPath, options, {
    env: { ...process.env, NEXUS_URL: nexus.url, NEXUS_TOKEN: nexus.token },
  });
  expect(stdout).not.toBe('');
});

test('an example finds the server that runs on the data directory by itself', async () => {
  const options = ['--no-warnings', '--conditions=@topology-nexus/source', `${folder}/topologies.ts`];
  const { NEXUS_URL: _url, NEXUS_TOKEN: _token, ...others } = process.env;
  const env = { ...others, NEXUS_DATA_DIR: nexus.directory };
  expect((await promisify(execFile)(process.execPath, options, { env })).stdout).not.toBe('');
});
