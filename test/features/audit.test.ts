import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { endOldEntries } from '../../server/features/audit/index.ts';
import { rows } from '../../server/stores/postgres.ts';
import { aMember } from '../support/members.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin, aPassword, aWorkspace, callAs, signIn } from '../support/people.ts';
import { openPostgresDomain, type PostgresDomain } from '../support/postgres-domain.ts';

let nexus: Nexus;
let domain: PostgresDomain;
beforeAll(async () => {
  [nexus, domain] = await Promise.all([startNexus(), openPostgresDomain()]);
});
afterAll(async () => {
  await Promise.all([nexus[Symbol.asyncDispose](), domain[Symbol.asyncDispose]()]);
});

test('the log tells who did what to what, when, from where and with which token, newest first, in pages', async () => {
  const owner = nexus.as(nexus.token);
  const name = `audited-${crypto.randomUUID()}`;
  const { token, id: tokenId } = await owner.tokens.create.mutate({ name, scope: 'write' });
  const writer = nexus.as(token);
  const before = new Date();
  const made: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    made.unshift((await writer.topologies.create.mutate({ name, architecture: 'transformer' })).id);
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await owner.audit.list.query({ tokenId, action: 'topologies', limit: 2, cursor });
    for (const entry of page.items) {
      expect(entry).toMatchObject({ action: 'topologies.create', tokenId, address: '127.0.0.1' });
      expect(entry.at.getTime()).toBeGreaterThan(before.getTime() - 60_000);
      seen.push(entry.target);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(made.map((id) => `topology:${id}`));
  const target = `topology:${made[0]}`;
  expect((await owner.audit.list.query({ target, until: new Date(0) })).items).toEqual([]);
  expect(
    (await owner.audit.list.query({ target, since: new Date(0), action: 'topologies.create' })).items,
  ).toHaveLength(1);
  expect((await owner.audit.list.query({ target, action: 'topo%' })).items).toEqual([]);
});

test('the log tells who signed in and out, who was refused and who changed a password, in each workspace of the person', async () => {
  const admin = await anAdmin(nexus.url, nexus.token);
  const [here, there] = [await aWorkspace(nexus.url, admin), await aWorkspace(nexus.url, admin)];
  const { email, userId } = await here.aMember('viewer');
  const invited = await there.asAdmin('POST', '/api/invitations', { email, role: 'editor' });
  const { token } = z.object({ token: z.string() }).parse(invited);
  await callAs(nexus.url, await signIn(nexus.url, email))('POST', '/api/invitations/accept', { token });
  const as = ({ cookie }: { cookie: string }) => callAs(nexus.url, { cookie });

  expect((await signIn(nexus.url, email, 'not the password')).status).toBe(401);
  const session = await signIn(nexus.url, email.toUpperCase());
  const change = (currentPassword: string) => ({ currentPassword, newPassword: `${aPassword} 2` });
  await expect(as(session)('POST', '/auth/change-password', change('not the password'))).rejects.toThrow('400');
  await as(session)('POST', '/auth/change-password', change(aPassword));
  const again = await signIn(nexus.url, email, `${aPassword} 2`);
  await as(again)('POST', '/auth/revoke-other-sessions', {});
  await as(again)('POST', '/auth/sign-out', {});

  const done = { address: '127.0.0.1', tokenId: null, target: `user:${userId}` };
  const told = [
    { ...done, action: 'auth.signOut', userId, details: { isDone: true } },
    { ...done, action: 'auth.revokeOtherSessions', userId, details: { isDone: true } },
    { ...done, action: 'auth.signIn', userId, details: { method: 'password' } },
    { ...done, action: 'auth.changePassword', userId, details: { isDone: true } },
    { ...done, action: 'auth.changePassword', userId, details: { isDone: false } },
    { ...done, action: 'auth.signIn', userId, details: { method: 'password' } },
    // Nobody has shown to be this person.
    { ...done, action: 'auth.refusedSignIn', userId: null, details: { method: 'password' } },
  ];
  for (const workspace of [here, there]) {
    const owner = nexus.as((await workspace.aToken(admin.userId)).token);
    const { items } = await owner.audit.list.query({ action: 'auth', target: `user:${userId}` });
    expect(items.slice(0, told.length)).toMatchObject(told);
    expect(JSON.stringify(items)).not.toContain('password":');
  }
  // An unknown person belongs to no workspace but the operator's.
  const since = new Date();
  expect((await signIn(nexus.url, `stranger-${crypto.randomUUID()}@example.org`)).status).toBe(401);
  const strangers = { action: 'auth.refusedSignIn', target: 'user', since: new Date(since.getTime() - 60_000) };
  const { items } = await nexus.as(nexus.token).audit.list.query(strangers);
  expect(items[0]).toMatchObject({ userId: null, address: '127.0.0.1' });
  expect(JSON.stringify(items)).not.toContain('stranger-');
});

test('a token that the operator makes stands in the log', async () => {
  const { items } = await nexus.as(nexus.token).audit.list.query({ action: 'tokens.create' });
  expect(items.at(-1)).toMatchObject({ details: { name: 'admin', scope: 'admin', by: 'operator' } });
});

test('no entry is changed or taken by the application’s own role, but those past their time by the retention', async () => {
  const { stores } = domain;
  const actor = await aMember(stores);
  const insert = (age: string) =>
    stores.db.execute(
      sql`insert into audit_log (workspace_id, action, target, created_at)
          values (${actor.workspaceId}, 'test', ${age}, now() - ${age}::interval)`,
    );
  const left = async () => {
    const query = sql`select target from audit_log where workspace_id = ${actor.workspaceId} order by target`;
    return (await rows(stores.db, query, z.object({ target: z.string() }))).map(({ target }) => target);
  };
  for (const age of ['1 hour', '3 days', '9 days']) await insert(age);
  for (const change of [
    sql`update audit_log set target = 'other' where workspace_id = ${actor.workspaceId}`,
    sql`delete from audit_log where workspace_id = ${actor.workspaceId}`,
    sql`truncate audit_log`,
  ]) {
    await expect(stores.db.execute(change)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('append-only') },
    });
  }
  // Nor may whoever says to be the retention take the last day.
  await expect(
    stores.db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('nexus.audit_retention', ${new Date().toISOString()}, true)`);
      await tx.execute(sql`delete from audit_log where workspace_id = ${actor.workspaceId}`);
    }),
  ).rejects.toThrow();
  expect(await left()).toEqual(['1 hour', '3 days', '9 days']);
  await endOldEntries(stores, 7, new Date());
  expect(await left()).toEqual(['1 hour', '3 days']);
});
