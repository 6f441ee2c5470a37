import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessTokens } from '../../drizzle/schema/index.ts';
import { createAuthenticator } from '../../server/features/tokens/index.ts';
import type { Database } from '../../server/stores/postgres.ts';
import { openSignals } from '../../server/stores/signals.ts';
import { aMember } from '../support/members.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { openPostgresDomain, type PostgresDomain } from '../support/postgres-domain.ts';

let nexus: Nexus;
let domain: PostgresDomain;
beforeAll(async () => {
  [nexus, domain] = await Promise.all([startNexus(), openPostgresDomain()]);
});
afterAll(async () => {
  await Promise.all([nexus[Symbol.asyncDispose](), domain[Symbol.asyncDispose]()]);
});

const newSecret = () => `nexus_${createHash('sha256').update(randomUUID()).digest('base64url')}`;
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/** The pool, with a count of the look-ups of tokens that go to it. */
function counted(db: Database): { db: Database; count: () => number } {
  let count = 0;
  const proxy = new Proxy(db, {
    get(target, property) {
      if (property === 'select') count += 1;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { db: proxy, count: () => count };
}

async function aToken(scope: 'read' | 'write' | 'admin' = 'write', role: 'viewer' | 'editor' | 'owner' = 'owner') {
  const actor = await aMember(domain.stores, undefined, role);
  const secret = newSecret();
  const [row] = await domain.stores.db
    .insert(accessTokens)
    .values({
      workspaceId: actor.workspaceId,
      userId: actor.userId,
      name: 'test',
      scope,
      tokenHash: hashOf(secret),
    })
    .returning();
  return { secret, actor, id: row?.id ?? '' };
}

test('a warm token costs no database round trip, and a flood of wrong ones pushes it out of nothing', async () => {
  const { secret, actor } = await aToken();
  const { db, count } = counted(domain.stores.db);
  await using authenticator = createAuthenticator({ ...domain.stores, db });
  expect(await authenticator.actorOf(secret)).toMatchObject({ userId: actor.userId, role: 'editor' });
  const cold = count();
  for (let n = 0; n < 100; n += 1) await authenticator.actorOf(secret);
  expect(count()).toBe(cold);
  const wrong = await Promise.all(Array.from({ length: 12_000 }, () => authenticator.actorOf(newSecret())));
  expect(new Set(wrong)).toEqual(new Set([undefined]));
  // Those that came together were looked up together.
  expect(count() - cold).toBeLessThanOrEqual(14);
  const flooded = count();
  await authenticator.actorOf(secret);
  expect(count()).toBe(flooded);
});

test.each([
  ['read', 'owner', 'viewer'],
  ['write', 'owner', 'editor'],
  ['admin', 'owner', 'owner'],
  ['admin', 'viewer', 'viewer'],
  ['write', 'viewer', 'viewer'],
] as const)('a token of scope %s of a user who is %s acts as %s', async (scope, role, acts) => {
  const { secret } = await aToken(scope, role);
  await using authenticator = createAuthenticator(domain.stores);
  expect(await authenticator.actorOf(secret)).toMatchObject({ role: acts, isAdmin: false });
});

test('what is revoked on one server is refused by another once it hears of it', async () => {
  const { secret, id } = await aToken();
  const { log, db } = domain.stores;
  // Two servers of one database, joined by hand: on the embedded store there is no channel between them.
  const receivers: ((topic: string | undefined) => void)[] = [];
  const join = async () =>
    openSignals(
      {
        send: async (topics) => {
          for (const topic of topics) for (const receive of receivers) receive(topic);
        },
        listen: async (receive) => void receivers.push(receive),
      },
      log,
    );
  const [here, there] = [await join(), await join()];
  await using authenticator = createAuthenticator({ db, log, signals: there });
  expect(await authenticator.actorOf(secret)).toBeDefined();
  const heard = there.arm('access');
  await db.execute(sql`update access_tokens set revoked_at = now() where id = ${id}`);
  here.send('access');
  await heard.next(10_000);
  expect(await authenticator.actorOf(secret)).toBeUndefined();
});

test('a revocation during a look-up is not forgotten by it', async () => {
  const { secret, id } = await aToken();
  await using authenticator = createAuthenticator(domain.stores);
  const looking = authenticator.actorOf(secret);
  await domain.stores.db.execute(sql`update access_tokens set revoked_at = now() where id = ${id}`);
  domain.stores.signals.send('access');
  await looking;
  expect(await authenticator.actorOf(secret)).toBeUndefined();
});

test('the secret is in one answer only, and the last use is written down', async () => {
  const owner = nexus.as(nexus.token);
  const name = `t-${randomUUID()}`;
  const made = await owner.tokens.create.mutate({ name, scope: 'read', expiresAt: new Date(Date.now() + 3_600_000) });
  expect(made).toMatchObject({ name, scope: 'read', lastUsedAt: null, revokedAt: null });
  const listed = await (await nexus.rest('GET', '/api/tokens')).text();
  expect(listed).toContain(made.id);
  expect(listed).not.toContain(made.token);
  expect(listed).not.toContain(hashOf(made.token));

  const { secret, id } = await aToken();
  {
    await using authenticator = createAuthenticator(domain.stores);
    await authenticator.actorOf(secret);
  }
  const [row] = await domain.stores.db.select().from(accessTokens).where(sql`id = ${id}`);
  expect(row?.lastUsedAt).toBeInstanceOf(Date);
});

test('a token that would end before it begins is refused, naming the field', async () => {
  await expect(
    nexus.as(nexus.token).tokens.create.mutate({ name: 'late', expiresAt: new Date(0) }),
  ).rejects.toMatchObject({ data: { reason: 'invalid_input', details: { field: 'expiresAt' } } });
});
