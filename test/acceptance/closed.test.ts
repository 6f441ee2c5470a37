import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../server/config.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus({ NEXUS_ORIGINS: 'https://console.example.org' });
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

describe('without a credential', () => {
  test.each(['/health', '/ready', '/docs', '/api/openapi.json', '/api/health'])('%s answers', async (path) => {
    expect((await fetch(`${nexus.url}${path}`)).status).toBe(200);
  });
  test.each(['/api/users/me', '/trpc/users.me', '/api/info'])('%s does not', async (path) => {
    expect((await fetch(`${nexus.url}${path}`)).status).toBe(401);
  });
});

describe('with access off', () => {
  test('only a server on loopback starts', () => {
    expect(() => readConfig({ NEXUS_AUTH: 'off', NEXUS_HOST: '0.0.0.0' })).toThrow('NEXUS_HOST is "0.0.0.0"');
    expect(readConfig({ NEXUS_AUTH: 'off', NEXUS_HOST: '127.0.0.1' }).isAuthOn).toBe(false);
  });

  test('this machine is the admin, and no page of another site is', async () => {
    await using open = await startNexus({ NEXUS_AUTH: 'off' });
    const me = (headers: Record<string, string>) => statusOf(`${open.url}/api/users/me`, headers);
    expect(await me({})).toBe(200);
    expect(await me({ origin: open.url })).toBe(200);
    expect(await me({ origin: 'https://evil.example' })).toBe(403);
    expect(await me({ host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
  });
});

describe('pages of other sites', () => {
  test('are allowed where NEXUS_ORIGINS names them, and nowhere else', async () => {
    const ask = async (origin: string) =>
      (await fetch(`${nexus.url}/health`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await ask('https://console.example.org')).toBe('https://console.example.org');
    expect(await ask('https://evil.example')).toBeNull();
  });
});

test('every answer carries the security headers', async () => {
  for (const path of ['/docs', '/api/users/me', '/nothing']) {
    const { headers } = await fetch(`${nexus.url}${path}`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('a page has what only pages heed, and data does not carry it', async () => {
  const ask = async (path: string) => (await fetch(`${nexus.url}${path}`)).headers;
  for (const name of ['cross-origin-opener-policy', 'referrer-policy', 'x-permitted-cross-domain-policies']) {
    expect([name, (await ask('/docs')).has(name), (await ask('/api/users/me')).has(name)]).toEqual([name, true, false]);
  }
});

describe('input that would harm a walk is refused as invalid', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const Problem = z.object({ status: z.number(), detail: z.string() });
  test.each([
    ['nested deeper', `{"name": "x", "architecture": "transformer", "config": {"deep": ${deep}}}`],
    ['config.__proto__', '{"name": "x", "architecture": "transformer", "config": {"__proto__": {"isAdmin": true}}}'],
  ])('%s', async (words, body) => {
    const rest = await fetch(`${nexus.url}/api/topologies`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json' },
      body,
    });
    expect(Problem.parse(await rest.json())).toMatchObject({ status: 400, detail: expect.stringContaining(words) });
    const trpc = await fetch(`${nexus.url}/trpc/topologies.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json' },
      body: `{"json": ${body}}`,
    });
    expect([trpc.status, await trpc.text()]).toEqual([
      400,
      expect.stringContaining(JSON.stringify(words).slice(1, -1)),
    ]);
  });

  test('the format’s own annotations', async () => {
    const json = { name: 'x', architecture: 'transformer', config: { a: { b: 1 } } };
    for (const [meta, status] of [
      [{ values: { 'config.__proto__.a': ['Date'] } }, 400],
      [{ values: { name: ['bigint'] } }, 400],
      // A value that would contain itself: the references are left out, and it is what its text says.
      [{ referentialEqualities: { config: ['config.a.b'] } }, 200],
    ] as const) {
      const response = await fetch(`${nexus.url}/trpc/topologies.create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ json, meta }),
      });
      expect([meta, response.status]).toEqual([meta, status]);
    }
  });
});

/** By node:http, which sends a Host and an Origin as they are given. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}
