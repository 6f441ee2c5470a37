import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { started } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

function run(directory: string, settings: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [main, 'serve'], {
    env: { ...process.env, NEXUS_DATA_DIR: directory, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'silent', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, errors };
}

test('a server killed in the middle of writes lost nothing that it acknowledged, and starts again by itself', async () => {
  await using directory = await temporaryDirectory();
  const first = run(directory.path);
  const { url, token } = await started(first);
  const acknowledged: number[] = [];
  const write = async () => {
    for (;;) {
      const response = await fetch(`${url}/api/topologies`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'killed', architecture: 'transformer' }),
      });
      acknowledged.push(z.object({ id: z.number() }).parse(await response.json()).id);
      if (acknowledged.length === 60) first.kill('SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, write));
  expect(acknowledged.length).toBeGreaterThanOrEqual(60);

  const second = run(directory.path);
  const again = await started(second);
  for (const id of acknowledged) {
    const response = await fetch(`${again.url}/api/topologies/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
  }
  second.kill('SIGTERM');
  expect((await ended(second)).code).toBe(0);
});

/** A request whose body is on its way: the rest goes when the test says so. */
function halfSent(url: string, token: string | undefined) {
  const body = JSON.stringify({ name: 'in-flight', architecture: 'transformer' });
  const sending = request(`${url}/api/topologies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) },
  });
  sending.write(body.slice(0, 10));
  const status = new Promise<number | undefined>((resolve) => {
    sending.on('response', (response) => resolve(response.resume().statusCode));
    sending.on('error', () => resolve(undefined));
  });
  return { finish: () => sending.end(body.slice(10)), status };
}

test('SIGTERM ends what is open: an open request is answered, one that hangs holds nothing up', async () => {
  await using directory = await temporaryDirectory();
  const server = run(directory.path);
  const { url, token } = await started(server);
  const open = halfSent(url, token);
  const hanging = halfSent(url, token);
  // Both have arrived once a request that was sent after them is answered.
  expect((await fetch(`${url}/health`)).status).toBe(200);
  server.kill('SIGTERM');
  open.finish();
  expect(await open.status).toBe(201);
  // 0 within 4.8 s; after that the process would end itself with 1.
  expect((await ended(server)).code).toBe(0);
  expect(await hanging.status).toBeUndefined();
});

/** A command that ends by itself. */
async function command(directory: string, ...given: string[]) {
  const child = spawn(process.execPath, ['--no-warnings', main, ...given], {
    env: { ...process.env, NEXUS_DATA_DIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return { ...(await ended(child)), output: output.trim() };
}

test('token --new makes a token of the scope and for the days that it is given, and token alone prints the admin’s', async () => {
  await using directory = await temporaryDirectory();
  const made = async (...flags: string[]) => {
    const { code, output, errors } = await command(directory.path, 'token', '--new', 'trainer', ...flags);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^nexus_[A-Za-z0-9_-]{43}$/);
    return output;
  };
  const reader = await made('--scope', 'read', '--days', '7');
  const whole = await made();
  const refused = async (...flags: string[]) => {
    const { code, output, errors } = await command(directory.path, 'token', ...flags);
    expect([code, output]).toEqual([flags.includes('--scop') ? 2 : 1, '']);
    return errors;
  };
  expect(await refused('--new', 'x', '--scope', 'all')).toBe('--scope is "all"; it must be read, write or admin.\n');
  expect(await refused('--new', 'x', '--days', '0')).toBe('--days is "0"; it must be from 1 to 36500.\n');
  expect(await refused('--new', ' ')).toContain('give one of 1 to 100');
  expect(await refused('--days', '3')).toContain('give --new NAME with them');
  expect(await refused('--scop', 'read')).toContain("Unknown option '--scop'");

  const server = run(directory.path);
  const { url, token } = await started(server);
  const ask = async (path: string, secret: string) => {
    const response = await fetch(`${url}/api${path}`, { headers: { authorization: `Bearer ${secret}` } });
    return { status: response.status, body: await response.json() };
  };
  expect([(await ask('/topologies', reader)).status, (await ask('/tokens', reader)).status]).toEqual([200, 403]);
  const Listed = z.object({
    items: z.array(z.object({ name: z.string(), scope: z.string(), expires_at: z.string().nullable() })),
  });
  const { items } = Listed.parse((await ask('/tokens', whole)).body);
  const [bound, boundless] = ['read', 'admin'].map((scope) =>
    items.find((one) => one.name === 'trainer' && one.scope === scope),
  );
  expect(Date.parse(bound?.expires_at ?? '') - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  expect(Date.parse(bound?.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(7 * 86_400_000);
  expect(boundless?.expires_at).toBeNull();
  // While the server runs.
  expect(await command(directory.path, 'token')).toMatchObject({ code: 0, output: token });
  server.kill('SIGTERM');
  expect((await ended(server)).code).toBe(0);
});

test('a second server on the same data directory is refused with a clear line', async () => {
  await using directory = await temporaryDirectory();
  const first = run(directory.path);
  await started(first);
  const { code, errors } = await ended(run(directory.path));
  expect([code, errors]).toEqual([1, expect.stringContaining(`in use by process ${first.pid};`)]);
  first.kill('SIGTERM');
  expect((await ended(first)).code).toBe(0);
});

test.each([
  [{ NEXUS_PORT: 'abc' }, 'NEXUS_PORT is "abc"; it must be a whole number from 0 to 65535.'],
  [
    { DATABASE_URL: 'mysql://user:hunter2@host/db' },
    'DATABASE_URL is a value that is not shown here; it must be a URL',
  ],
  [{ S3_ENDPOINT: 'http://127.0.0.1:9000' }, 'S3_ACCESS_KEY is not set; S3_ENDPOINT needs it'],
  [{ COUCHDB_URL: 'http://127.0.0.1:5984' }, 'COUCHDB_URL has no user and password'],
  [
    { COUCHDB_URL: '', COUCHDB_URL_FILE: '/does/not/exist' },
    'COUCHDB_URL_FILE is "/does/not/exist", which cannot be read',
  ],
])('a wrong setting is one line and exit code 2: %o', async (settings, line) => {
  await using directory = await temporaryDirectory();
  const { code, errors } = await ended(run(directory.path, settings));
  expect([code, errors]).toEqual([2, expect.stringContaining(line)]);
  expect(errors.trim().split('\n')).toHaveLength(1);
  expect(errors).not.toContain('hunter2');
});
