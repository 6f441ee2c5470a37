import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openAccounts, replacePassword } from '../../server/features/accounts/index.ts';
import { aMember } from '../support/members.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { startProvider } from '../support/oidc.ts';
import { openPostgresDomain, type PostgresDomain } from '../support/postgres-domain.ts';

let nexus: Nexus;
let domain: PostgresDomain;
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
  [nexus, domain] = await Promise.all([
    startNexus({ ...provider.settings, NEXUS_OIDC_TRUSTED: 'on' }),
    openPostgresDomain(),
  ]);
});
afterAll(async () => {
  await Promise.all([nexus[Symbol.asyncDispose](), domain[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()]);
});

const password = 'correct horse battery';
const anEmail = () => `p-${randomUUID()}@example.org`;

type Session = { cookie: string; headers: Headers };
async function signIn(email: string, secret = password): Promise<Session & { status: number }> {
  const response = await fetch(`${nexus.url}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: nexus.url },
    body: JSON.stringify({ email, password: secret }),
  });
  const cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return { cookie, headers: response.headers, status: response.status };
}

const call = (
  session: { cookie: string },
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
) =>
  fetch(`${nexus.url}${path}`, {
    method,
    headers: { cookie: session.cookie, origin: nexus.url, 'content-type': 'application/json', ...more },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

const choose = (id: number) => ({ 'x-nexus-workspace': String(id) });
const Secret = z.object({ token: z.string() });

let adminSession: Promise<Session> | undefined;
/** An admin of the installation, signed in: the operator's token invited them. */
function adminSignedIn(): Promise<Session> {
  adminSession ??= (async () => {
    const operator = nexus.as(nexus.token);
    const email = anEmail();
    const { token } = await operator.invitations.create.mutate({ email, role: 'owner', makesAdmin: true });
    await operator.invitations.accept.mutate({ token, username: email, password });
    return signIn(email);
  })();
  return adminSession;
}

/** A workspace of its own, with an owner of it, who is no admin and signed in. */
async function aWorkspace() {
  const admin = await adminSignedIn();
  const made = await call(admin, 'POST', '/api/workspaces', { name: `w-${randomUUID()}` });
  const workspace = z.object({ id: z.number(), name: z.string() }).parse(await made.json());
  const email = anEmail();
  const invited = await call(admin, 'POST', '/api/invitations', { email, role: 'owner' }, choose(workspace.id));
  const { token } = Secret.parse(await invited.json());
  await nexus.as(nexus.token).invitations.accept.mutate({ token, username: email, password });
  return { workspace, email, owner: await signIn(email) };
}

describe('an invitation', () => {
  test('is the only way to sign up, lets one person in once, and its secret is in one answer only', async () => {
    const admin = nexus.as(nexus.token);
    const email = anEmail();
    const signUp = await fetch(`${nexus.url}/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: nexus.url },
      body: JSON.stringify({ email, password, name: 'x' }),
    });
    expect(signUp.status).toBe(404);
    const { token, id } = await admin.invitations.create.mutate({ email, role: 'viewer' });
    expect(JSON.stringify(await admin.invitations.list.query({}))).not.toContain(token);
    // Without any credential.
    const accepted = await fetch(`${nexus.url}/api/invitations/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, username: email, password }),
    });
    expect(await accepted.json()).toMatchObject({ role: 'viewer', is_password_set: true });
    await expect(admin.invitations.accept.mutate({ token })).rejects.toMatchObject({ data: { reason: 'not_found' } });
    await expect(admin.invitations.revoke.mutate({ id })).rejects.toMatchObject({ data: { reason: 'not_found' } });
    const session = await signIn(email);
    expect(await (await call(session, 'GET', '/api/users/me')).json()).toMatchObject({ email, role: 'viewer' });
  });

  test('makes an admin of the installation only where an admin says so', async () => {
    const { owner } = await aWorkspace();
    const invite = { email: anEmail(), makes_admin: true };
    expect((await call(owner, 'POST', '/api/invitations', invite)).status).toBe(403);
    const me = await (await call(await adminSignedIn(), 'GET', '/api/users/me')).json();
    expect(me).toMatchObject({ is_admin: true, role: 'owner' });
  });

  test('opens nothing once it is revoked', async () => {
    const admin = nexus.as(nexus.token);
    const { token, id } = await admin.invitations.create.mutate({ email: anEmail() });
    await admin.invitations.revoke.mutate({ id });
    await expect(admin.invitations.accept.mutate({ token, password })).rejects.toMatchObject({
      data: { reason: 'not_found' },
    });
  });

  test('of an owner gives no password to a person whom another workspace knows', async () => {
    const admin = nexus.as(nexus.token);
    const email = anEmail();
    await admin.users.create.mutate({ username: email, email });
    const { owner } = await aWorkspace();
    const invited = await call(owner, 'POST', '/api/invitations', { email });
    const { token } = Secret.parse(await invited.json());
    await expect(admin.invitations.accept.mutate({ token, password })).rejects.toMatchObject({
      data: { reason: 'precondition_failed' },
    });
    expect((await signIn(email)).status).toBe(401);
  });
});

describe('a sign-in', () => {
  test('is an http-only cookie of this site, and ends at once with sign-out', async () => {
    const { owner } = await aWorkspace();
    const [cookie = ''] = owner.headers.getSetCookie();
    expect(cookie).toMatch(/^nexus\.session_token=/);
    expect(cookie.toLowerCase()).toContain('httponly');
    expect(cookie.toLowerCase()).toContain('samesite=lax');
    expect((await call(owner, 'GET', '/api/users/me')).status).toBe(200);
    expect((await call(owner, 'POST', '/auth/sign-out', {})).status).toBe(200);
    expect((await call(owner, 'GET', '/api/users/me')).status).toBe(401);
  });

  test('takes a new password after a change, and no longer the old one', async () => {
    const { owner, email } = await aWorkspace();
    const change = (currentPassword: string, newPassword: string) =>
      call(owner, 'POST', '/auth/change-password', { currentPassword, newPassword, revokeOtherSessions: true });
    expect((await change('not this one', 'another good one')).status).toBe(400);
    expect((await change(password, 'short')).status).toBe(400);
    expect((await change(password, 'another good one')).status).toBe(200);
    expect((await signIn(email)).status).toBe(401);
    expect((await signIn(email, 'another good one')).status).toBe(200);
  });

  test('is of no use to a page of another site, nor to one that is not named', async () => {
    const { owner } = await aWorkspace();
    const create = (origin: Record<string, string>) =>
      fetch(`${nexus.url}/api/topologies`, {
        method: 'POST',
        headers: { cookie: owner.cookie, 'content-type': 'application/json', ...origin },
        body: JSON.stringify({ name: 'x', architecture: 'transformer' }),
      });
    expect((await create({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await create({})).status).toBe(403);
    expect((await create({ origin: nexus.url })).status).toBe(201);
    const forged = await fetch(`${nexus.url}/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: owner.cookie, origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(forged.status).toBe(403);
  });

  test('costs no database round trip when it is warm', async () => {
    const { stores } = domain;
    const settings = {
      secret: randomUUID().repeat(2),
      publicUrl: 'http://nexus.example',
      origins: [],
      oidc: undefined,
    };
    let count = 0;
    const db = new Proxy(stores.db, {
      get(target, property) {
        if (property === 'select' || property === 'query') count += 1;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await using accounts = openAccounts({ ...stores, db }, settings);
    const email = anEmail();
    const { insertPerson, insertMembership } = await import('../../server/features/workspaces/store.ts');
    const actor = await aMember(stores);
    const person = await stores.db.transaction(async (tx) => {
      const made = await insertPerson(tx, { username: email, email });
      await insertMembership(tx, actor.workspaceId, made.id, 'editor', null);
      return made;
    });
    await replacePassword(stores.db, person.id, await accounts.hashPassword(password, undefined));
    const response = await accounts.answer({
      method: 'POST',
      url: 'http://nexus.example/auth/sign-in/email',
      headers: new Headers({ 'content-type': 'application/json', origin: 'http://nexus.example' }),
      body: { email, password },
      address: undefined,
    });
    const cookie = response?.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const expected = { userId: person.id, workspaceId: actor.workspaceId, role: 'editor', tokenId: null };
    expect(await accounts.actorOf(cookie, undefined)).toMatchObject(expected);
    const cold = count;
    expect(cold).toBeGreaterThan(0);
    for (let n = 0; n < 20; n += 1) expect(await accounts.actorOf(cookie, undefined)).toMatchObject(expected);
    expect(count).toBe(cold);
    // More of them than are kept push no good one out.
    for (let n = 0; n < 10_050; n += 1)
      await accounts.actorOf(`nexus.session_token=${n}${cookie.slice(30)}`, undefined);
    expect(await accounts.actorOf(cookie, undefined)).toMatchObject(expected);
    expect(count).toBe(cold);
    expect(await accounts.actorOf(`${cookie}x`, undefined)).toBeUndefined();
  });

  test('by OIDC lets in whom an admin added, and nobody else', async () => {
    const email = anEmail();
    const stranger = anEmail();
    await nexus.as(nexus.token).users.create.mutate({ username: email, email, role: 'editor' });
    const signInByOidc = (one: string) => provider.visit(nexus.url, { sub: one, email: one, email_verified: true });
    const known = await signInByOidc(email);
    expect(await (await call(known, 'GET', '/api/users/me')).json()).toMatchObject({ email, role: 'editor' });
    const unknown = await signInByOidc(stranger);
    expect((await call(unknown, 'GET', '/api/users/me')).status).toBe(401);
  });
});

describe('a workspace', () => {
  test('is chosen by a header, and one that is not the person’s does not exist', async () => {
    const session = await adminSignedIn();
    const mine = z.object({ items: z.array(z.object({ id: z.number() })) });
    const { items } = mine.parse(await (await call(session, 'GET', '/api/workspaces')).json());
    const { workspace } = await aWorkspace();
    expect(items.length).toBeGreaterThan(0);
    expect((await call(session, 'GET', '/api/users/me', undefined, choose(items[0]?.id ?? 0))).status).toBe(200);
    expect((await call({ cookie: '' }, 'GET', '/api/users/me', undefined, choose(workspace.id))).status).toBe(401);
    const { owner } = await aWorkspace();
    expect((await call(owner, 'GET', '/api/users/me', undefined, choose(workspace.id))).status).toBe(404);
    const byToken = await fetch(`${nexus.url}/api/users/me`, {
      headers: { authorization: `Bearer ${nexus.token}`, ...choose(workspace.id) },
    });
    expect(byToken.status).toBe(404);
  });

  test('is made by an admin only, and its name is given once', async () => {
    const name = `w-${randomUUID()}`;
    const { owner } = await aWorkspace();
    expect((await call(owner, 'POST', '/api/workspaces', { name })).status).toBe(403);
    const admin = nexus.as(nexus.token);
    expect(await admin.workspaces.create.mutate({ name })).toMatchObject({ name, role: 'owner' });
    await expect(admin.workspaces.create.mutate({ name })).rejects.toMatchObject({
      data: { reason: 'conflict', details: { field: 'name' } },
    });
  });

  test.each(['models', 'uploads'])(
    'is not named as the folder "%s" of the buckets, and the refusal says so',
    async (name) => {
      await expect(nexus.as(nexus.token).workspaces.create.mutate({ name })).rejects.toMatchObject({
        message: expect.stringContaining('must not be a folder of the buckets (models, '),
        data: { reason: 'invalid_input' },
      });
    },
  );

  test('changes and ends memberships at once, tokens included, and keeps an owner', async () => {
    const { workspace, owner } = await aWorkspace();
    const email = anEmail();
    const invited = await call(owner, 'POST', '/api/invitations', { email, role: 'owner' });
    const { token } = Secret.parse(await invited.json());
    const { userId } = await nexus.as(nexus.token).invitations.accept.mutate({ token, username: email, password });
    const member = await signIn(email);
    const made = await call(member, 'POST', '/api/tokens', { name: 'mine', scope: 'admin' });
    const secret = Secret.parse(await made.json()).token;
    const role = async () =>
      z.object({ role: z.string() }).parse(await (await call(member, 'GET', '/api/users/me')).json()).role;
    expect(await nexus.as(secret).users.me.query()).toMatchObject({ role: 'owner', workspace: { id: workspace.id } });
    expect((await call(owner, 'PATCH', `/api/members/${userId}`, { role: 'viewer' })).status).toBe(200);
    expect(await role()).toBe('viewer');
    await expect(nexus.as(secret).tokens.list.query()).rejects.toMatchObject({ data: { reason: 'forbidden' } });
    expect((await call(owner, 'DELETE', `/api/members/${userId}`)).status).toBe(200);
    await expect(nexus.as(secret).users.me.query()).rejects.toMatchObject({ data: { reason: 'unauthenticated' } });
    expect((await call(member, 'GET', '/api/users/me')).status).toBe(401);
    expect((await call(owner, 'DELETE', `/api/members/${userId}`)).status).toBe(404);

    const me = z.object({ id: z.number() }).parse(await (await call(owner, 'GET', '/api/users/me')).json());
    const admins = z
      .object({ items: z.array(z.object({ id: z.number(), role: z.string() })) })
      .parse(await (await call(owner, 'GET', '/api/users')).json());
    for (const { id, role: held } of admins.items) {
      if (id === me.id || held !== 'owner') continue;
      expect((await call(owner, 'DELETE', `/api/members/${id}`)).status).toBe(200);
    }
    expect((await call(owner, 'DELETE', `/api/members/${me.id}`)).status).toBe(409);
    expect((await call(owner, 'PATCH', `/api/members/${me.id}`, { role: 'editor' })).status).toBe(409);
  });
});
