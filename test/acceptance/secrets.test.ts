import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '../../server/features/nouns.ts';
import { call, waysOf } from '../support/calls.ts';
import { arbitraryInput, minimalInput } from '../support/contract-inputs.ts';
import { overrides } from '../support/matrix-overrides.ts';
import { anAdmin, aPassword, callAs, signIn } from '../support/people.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { aWorld } from '../support/world.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const aSecret = () => randomBytes(24).toString('hex');
/** The calls whose answer is a secret, to whoever asked for it. */
const tellers: ReadonlySet<string> = new Set(['tokens.create', 'invitations.create', 'members.resetPassword']);

/** A server that writes down everything that it ever logs. */
async function startTalking(directory: string, settings: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', main, 'serve'], {
    env: { ...process.env, NEXUS_DATA_DIR: directory, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'trace', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('no output');
  const said: string[] = [];
  stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  let url = '';
  let token = '';
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(`The server ended before it was ready. ${said.join('')}`)));
    createInterface(stdout).on('line', (line) => {
      url = line.match(/listens on (\S+)/)?.[1] ?? url;
      const admins = line.match(/Admin token .*(nexus_\S+)/)?.[1];
      // Once, to the operator at the terminal; everything else is log.
      if (admins) token = admins;
      else said.push(line);
      if (line === 'Ready') resolve();
    });
  });
  return {
    url,
    token,
    async stop(): Promise<string> {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return said.join('\n');
    },
  };
}

test.each(['with its stores', 'with its stores away'])(
  'whatever is called and however it fails, no secret is logged or told: %s',
  async (way) => {
    await using directory = await temporaryDirectory();
    const given = Array.from({ length: 7 }, aSecret);
    const [signing, oidc, embeddings, s3Key, s3Secret, couch, redis] = given;
    const nowhere = '127.0.0.1:1';
    const away = {
      S3_ENDPOINT: `http://${nowhere}`,
      S3_ACCESS_KEY: s3Key,
      S3_SECRET_KEY: s3Secret,
      COUCHDB_URL: `http://someone:${couch}@${nowhere}`,
      REDIS_URL: `redis://:${redis}@${nowhere}`,
    };
    const server = await startTalking(directory.path, {
      NEXUS_AUTH_SECRET: signing,
      NEXUS_OIDC_ISSUER: `http://${nowhere}`,
      NEXUS_OIDC_CLIENT_ID: 'nexus',
      NEXUS_OIDC_CLIENT_SECRET: oidc,
      EMBEDDINGS_URL: `http://${nowhere}/v1/embeddings`,
      EMBEDDINGS_MODEL: 'none',
      EMBEDDINGS_API_KEY: embeddings,
      ...(way === 'with its stores away' && away),
    });
    const { url, token } = server;
    const own = z
      .record(z.string(), z.string())
      .parse(JSON.parse(await readFile(join(directory.path, 'secrets.json'), 'utf8')));
    // An access key is in every presigned URL, by the protocol.
    const kept = Object.entries(own).flatMap(([name, value]) => (/access/i.test(name) ? [] : [value]));
    const database = process.env.DATABASE_URL ? [new URL(process.env.DATABASE_URL).password] : [];
    const admin = await anAdmin(url, token);
    const world = await aWorld(url, admin, overrides);
    const cookie = admin.cookie.split('=').slice(1).join('=');
    const tokens = Object.values(world.tokens);
    const secrets = [
      ...given.filter((one) => one !== s3Key),
      ...kept,
      ...database,
      token,
      ...tokens,
      aPassword,
      cookie,
    ];
    secrets.push(decodeURIComponent(cookie).split('.')[0] ?? '');
    const told: string[] = [];

    for (const route of routes) {
      const known = { idOf: world.idOf, text: world.marker, overrides };
      const inputs = [
        minimalInput(route, known),
        ...fc.sample(arbitraryInput(route, [...world.ids.values()].flat()), 1),
      ];
      for (const transport of waysOf(route)) {
        // A subscription that has something to say says it at once; the others take their time.
        const tried = route.type === 'subscription' ? inputs.slice(0, 1) : inputs;
        for (const input of tried) {
          const { text } = await call(transport, url, route, input, world.tokens.admin);
          if (!tellers.has(route.procedure)) told.push(text);
        }
      }
    }
    const problemOf = async (path: string, init: RequestInit) =>
      told.push(await (await fetch(url + path, init)).text());
    const json = { 'content-type': 'application/json', origin: url };
    // Secrets where they do not belong, and where they are wrong.
    for (const secret of [token, aPassword]) {
      const body = JSON.stringify({ token: secret, password: secret, username: secret, email: secret });
      for (const path of ['/api/invitations/accept', '/trpc/invitations.accept', '/auth/sign-in/email']) {
        await problemOf(path, { method: 'POST', headers: json, body });
        await problemOf(path, { method: 'POST', headers: json, body: `{"password": "${secret}` });
      }
      for (const scheme of ['Bearer', 'Basic', '']) {
        await problemOf('/api/users/me', { headers: { authorization: `${scheme} x${secret}` } });
      }
    }
    await callAs(url, admin)('POST', '/auth/change-password', { currentPassword: 'x', newPassword: aPassword }).catch(
      (error: unknown) => told.push(String(error)),
    );
    expect((await signIn(url, admin.email, `not ${aPassword}`)).status).toBe(401);
    await callAs(url, admin)('POST', '/auth/sign-out', {});
    for (const path of ['/metrics', '/docs', '/api/openapi.json', '/health', '/ready', '/nothing']) {
      await problemOf(path, { headers: { authorization: `Bearer ${token}` } });
    }
    const logged = await server.stop();
    expect(logged.split('\n').length).toBeGreaterThan(routes.length);
    for (const [at, secret] of secrets.entries()) {
      if (secret === '') continue;
      const where = (text: string) => {
        const found = text.indexOf(secret);
        return found < 0 ? '' : `secret ${at}: ${text.slice(Math.max(0, found - 300), found + 100)}`;
      };
      expect(where(logged)).toBe('');
      for (const text of told) expect(where(text)).toBe('');
    }
  },
  // It calls everything twice, and waits for what is away.
  600_000,
);
