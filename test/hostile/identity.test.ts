import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { startProvider } from '../support/oidc.ts';
import { anAdmin, aPassword, aWorkspace, callAs, type Signed, signIn } from '../support/people.ts';

let provider: Awaited<ReturnType<typeof startProvider>>;
let nexus: Nexus;
let admin: Signed;
beforeAll(async () => {
  provider = await startProvider();
  nexus = await startNexus({ ...provider.settings, NEXUS_OIDC_TRUSTED: 'on' });
  admin = await anAdmin(nexus.url, nexus.token);
});
afterAll(async () => {
  await Promise.all([nexus[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()]);
});

const Secret = z.object({ token: z.string() });
const Me = z.object({ id: z.number(), email: z.string(), is_admin: z.boolean(), role: z.string() });
const anEmail = () => `p-${randomUUID()}@example.org`;
const theirs = 'a password that the inviter knows';
const own = 'a password of the person alone';

/** A workspace with an owner who is no admin, signed in. */
async function anOwner() {
  const workspace = await aWorkspace(nexus.url, admin);
  const { email, userId } = await workspace.aMember('owner');
  const { cookie } = await signIn(nexus.url, email);
  const invite = async (body: Record<string, unknown>, by: { cookie: string } = { cookie }) =>
    Secret.parse(await callAs(nexus.url, by, workspace.id)('POST', '/api/invitations', body)).token;
  return { ...workspace, userId, email, cookie, invite, as: callAs(nexus.url, { cookie }, workspace.id) };
}

type Owner = Awaited<ReturnType<typeof anOwner>>;

async function accept(body: Record<string, unknown>, by?: { cookie: string }): Promise<number> {
  const response = await fetch(`${nexus.url}/api/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: nexus.url, ...(by && { cookie: by.cookie }) },
    body: JSON.stringify(body),
  });
  return response.status;
}
const meOf = async (by: { cookie: string }) => Me.parse(await callAs(nexus.url, by)('GET', '/api/users/me'));
const invitedByAdmin = async (body: Record<string, unknown>) =>
  Secret.parse(await callAs(nexus.url, admin)('POST', '/api/invitations', body)).token;
const statusOf = async (by: { cookie: string }, path = '/api/users/me') =>
  (await fetch(`${nexus.url}${path}`, { headers: { cookie: by.cookie } })).status;

describe('an inviter never knows a password that counts elsewhere', () => {
  test.each([
    ['elsewhere', async (body: Record<string, unknown>) => invitedByAdmin(body)],
    [
      'in the same workspace',
      async (body: Record<string, unknown>, { asAdmin }: Owner) =>
        Secret.parse(await asAdmin('POST', '/api/invitations', body)).token,
    ],
  ])(
    'who took an address that nobody proved is nobody once its person accepts an admin’s invitation, %s',
    async (_, invite) => {
      const owner = await anOwner();
      const email = anEmail();
      expect(await accept({ token: await owner.invite({ email, role: 'owner' }), password: theirs })).toBe(201);
      const impostor = await signIn(nexus.url, email, theirs);
      const made = await callAs(nexus.url, impostor)('POST', '/api/tokens', { name: 'kept', scope: 'admin' });
      const token = Secret.parse(made).token;
      const invitation = await invite({ email, role: 'owner', makes_admin: true }, owner);
      // Neither without a password nor signed in with the one that the owner knows.
      expect(await accept({ token: invitation })).toBe(412);
      expect(await accept({ token: invitation }, impostor)).toBe(412);
      expect((await meOf(impostor)).is_admin).toBe(false);
      expect(await accept({ token: invitation, password: own })).toBe(201);
      expect((await signIn(nexus.url, email, theirs)).status).toBe(401);
      expect(await statusOf(impostor)).toBe(401);
      expect((await nexus.rest('GET', '/api/users/me', undefined, token)).status).toBe(401);
      expect((await meOf(await signIn(nexus.url, email, own))).is_admin).toBe(true);
    },
  );

  test('an owner’s invitation takes no account that another workspace knows', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    for (const { email, password } of [
      { email: there.email, password: aPassword },
      { email: admin.email, password: aPassword },
    ]) {
      const token = await here.invite({ email, role: 'viewer' });
      expect(await accept({ token })).toBe(412);
      expect(await accept({ token, password: theirs })).toBe(412);
      expect((await signIn(nexus.url, email, theirs)).status).toBe(401);
      // The person is signed in, and keeps the password.
      const person = await signIn(nexus.url, email, password);
      expect(await accept({ token, password: theirs }, person)).toBe(201);
      expect((await signIn(nexus.url, email, password)).status).toBe(200);
      expect(await statusOf(person)).toBe(200);
    }
  });

  test('who joins another workspace by an account that an owner made gives it a password of one’s own', async () => {
    const [first, second] = [await anOwner(), await anOwner()];
    const email = anEmail();
    expect(await accept({ token: await first.invite({ email }), password: theirs })).toBe(201);
    const person = await signIn(nexus.url, email, theirs);
    const token = await second.invite({ email });
    expect(await accept({ token, password: own })).toBe(412);
    expect(await accept({ token }, person)).toBe(412);
    expect(await accept({ token, password: own }, person)).toBe(201);
    expect(await statusOf(person)).toBe(401);
    expect((await signIn(nexus.url, email, theirs)).status).toBe(401);
    const again = await signIn(nexus.url, email, own);
    const joined = await callAs(nexus.url, again)('GET', '/api/workspaces');
    expect(z.object({ items: z.array(z.unknown()) }).parse(joined).items).toHaveLength(2);
    // And the first owner does not take it back.
    expect(await accept({ token: await first.invite({ email }), password: theirs })).toBe(412);
  });

  test('of two who take a new address at once, one has it', async () => {
    const owners = [await anOwner(), await anOwner()];
    const email = anEmail();
    const tokens = await Promise.all(owners.map(({ invite }) => invite({ email })));
    const passwords = [theirs, own];
    const statuses = await Promise.all(tokens.map((token, at) => accept({ token, password: passwords[at] })));
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409 || status === 412)).toHaveLength(1);
    const winner = statuses.indexOf(201);
    for (const [at, password] of passwords.entries()) {
      expect((await signIn(nexus.url, email, password)).status).toBe(at === winner ? 200 : 401);
    }
  });

  test('a token of the person does not accept in the person’s name', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    const bearer = (await there.aToken(there.userId)).token;
    const token = await here.invite({ email: there.email });
    expect((await nexus.rest('POST', '/api/invitations/accept', { token }, bearer)).status).toBe(412);
  });
});

describe('an invitation is worth what its maker may still give', () => {
  test.each([
    ['removed', 'DELETE', undefined],
    ['demoted', 'PATCH', { role: 'editor' }],
  ])('of an owner who was %s since it opens nothing, for oneself neither', async (_, method, body) => {
    const workspace = await anOwner();
    const other = await workspace.aMember('owner');
    const leaving = await signIn(nexus.url, other.email);
    const tokens = await Promise.all(
      [anEmail(), other.email].map((email) => workspace.invite({ email, role: 'owner' }, leaving)),
    );
    await workspace.as(method, `/api/members/${other.userId}`, body);
    for (const token of tokens) {
      expect(await accept({ token, password: own })).toBe(404);
      expect(await accept({ token }, leaving)).toBe(404);
    }
  });

  test('a token that a member made for another ends with the member', async () => {
    const workspace = await anOwner();
    const { userId } = await workspace.aMember('editor');
    const maker = await anAdmin(nexus.url, nexus.token);
    const invitation = await workspace.invite({ email: maker.email, role: 'owner' });
    expect(await accept({ token: invitation }, maker)).toBe(201);
    const made = await callAs(nexus.url, maker, workspace.id)('POST', '/api/tokens', { name: 'kept', user_id: userId });
    const { token } = Secret.parse(made);
    expect((await nexus.rest('GET', '/api/users/me', undefined, token)).status).toBe(200);
    await workspace.as('DELETE', `/api/members/${maker.userId}`);
    expect((await nexus.rest('GET', '/api/users/me', undefined, token)).status).toBe(401);
  });
});

describe('an identity of the provider', () => {
  const visit = (identity: { sub: string; email: string; email_verified?: boolean }, cookie?: string) =>
    provider.visit(nexus.url, identity, cookie);

  test.each([[false], [undefined]])('whose address is not verified (%s) is nobody here', async (verified) => {
    const identity = {
      sub: randomUUID(),
      email: admin.email,
      ...(verified !== undefined && { email_verified: verified }),
    };
    expect(await statusOf(await visit(identity))).toBe(401);
  });

  test('is its verified address’s person, where an admin vouched for the address', async () => {
    expect(await statusOf(await visit({ sub: randomUUID(), email: admin.email, email_verified: true }))).toBe(200);
    const owner = await anOwner();
    const email = anEmail();
    await accept({ token: await owner.invite({ email }), password: theirs });
    expect(await statusOf(await visit({ sub: randomUUID(), email, email_verified: true }))).toBe(401);
  });

  test('that a person linked does not vouch for the person', async () => {
    const owner = await anOwner();
    const email = anEmail();
    await accept({ token: await owner.invite({ email }), password: theirs });
    const identity = { sub: randomUUID(), email, email_verified: true };
    await visit(identity, (await signIn(nexus.url, email, theirs)).cookie);
    const linked = await visit(identity);
    expect(await statusOf(linked)).toBe(200);
    // The owner still knows the password.
    const invitation = await invitedByAdmin({ email, makes_admin: true });
    expect(await accept({ token: invitation }, linked)).toBe(412);
  });

  test('is linked to nobody by a provider that is not trusted, but by who is signed in', async () => {
    await using other = await startNexus(provider.settings);
    const person = await anAdmin(other.url, other.token);
    const identity = { sub: randomUUID(), email: person.email, email_verified: true };
    const me = async ({ cookie }: { cookie: string }) =>
      (await fetch(`${other.url}/api/users/me`, { headers: { cookie } })).status;
    expect(await me(await provider.visit(other.url, identity))).toBe(401);
    await provider.visit(other.url, identity, person.cookie);
    expect(await me(await provider.visit(other.url, identity))).toBe(200);
  });
});

describe('a password that was lost', () => {
  const link = (by: Owner['as'], userId: number) =>
    by('POST', `/api/members/${userId}/reset_password`, {}).then((made) => Secret.parse(made).token);

  test('is set anew by an owner’s link, once, which ends the sessions, and the tokens where the person says so', async () => {
    const workspace = await anOwner();
    const { email, userId } = await workspace.aMember('editor');
    const { token } = await workspace.aToken(userId);
    const before = await signIn(nexus.url, email);
    const first = await link(workspace.as, userId);
    expect(await accept({ token: first, password: own })).toBe(201);
    expect(await accept({ token: first, password: own })).toBe(404);
    expect([await statusOf(before), (await signIn(nexus.url, email)).status]).toEqual([401, 401]);
    expect((await meOf(await signIn(nexus.url, email, own))).role).toBe('editor');
    expect((await nexus.rest('GET', '/api/users/me', undefined, token)).status).toBe(200);
    expect(await accept({ token: await link(workspace.as, userId), password: own, end_tokens: true })).toBe(201);
    expect((await nexus.rest('GET', '/api/users/me', undefined, token)).status).toBe(401);
  });

  test('of who has rights elsewhere is an admin’s to give', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    const { email, userId } = await here.aMember('viewer');
    expect(await accept({ token: await there.invite({ email }) }, await signIn(nexus.url, email))).toBe(201);
    await expect(link(here.as, userId)).rejects.toThrow('403');
    await expect(link(here.as, admin.userId)).rejects.toThrow('403');
    expect(await accept({ token: await link(here.asAdmin, userId), password: own })).toBe(201);
    expect((await signIn(nexus.url, email, own)).status).toBe(200);
  });

  test('is not set by a link that was made before the person had rights elsewhere', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    const { email, userId } = await here.aMember('viewer');
    const early = await link(here.as, userId);
    expect(await accept({ token: await there.invite({ email }) }, await signIn(nexus.url, email))).toBe(201);
    expect(await accept({ token: early, password: theirs })).toBe(412);
    expect((await signIn(nexus.url, email, theirs)).status).toBe(401);
  });

  test('that is changed ends the other sessions, and tokens where the person says so', async () => {
    const workspace = await anOwner();
    const { email, userId } = await workspace.aMember('editor');
    const { token } = await workspace.aToken(userId);
    const works = async () => (await nexus.rest('GET', '/api/users/me', undefined, token)).status;
    const [elsewhere, here] = [await signIn(nexus.url, email), await signIn(nexus.url, email)];
    const change = (by: { cookie: string }, currentPassword: string, newPassword: string, more = {}) =>
      fetch(`${nexus.url}/auth/change-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: nexus.url, cookie: by.cookie },
        // The server ignores this false.
        body: JSON.stringify({ currentPassword, newPassword, revokeOtherSessions: false, ...more }),
      });
    const changed = await change(here, aPassword, own);
    const [cookie = ''] = changed.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    expect([await statusOf(elsewhere), await statusOf({ cookie })]).toEqual([401, 200]);
    expect(await works()).toBe(200);
    // Nothing ends where the present password is not given.
    expect((await change({ cookie }, aPassword, theirs, { endTokens: true })).status).toBe(400);
    expect(await works()).toBe(200);
    expect((await change({ cookie }, own, aPassword, { endTokens: true })).status).toBe(200);
    expect(await works()).toBe(401);
  });
});

describe('one’s sign-ins', () => {
  const SignIns = z.object({ items: z.array(z.object({ id: z.number(), is_current: z.boolean() })) });

  test('are listed and ended one by one and all at once, and nobody else’s are', async () => {
    const workspace = await anOwner();
    const { email } = await workspace.aMember('viewer');
    const [one, other, third] = [
      await signIn(nexus.url, email),
      await signIn(nexus.url, email),
      await signIn(nexus.url, email),
    ];
    const list = async (by: { cookie: string }) =>
      SignIns.parse(await callAs(nexus.url, by)('GET', '/api/sign_ins')).items;
    const [newest, middle, oldest] = await list(other);
    expect([newest, middle, oldest].map((it) => it?.is_current)).toEqual([false, true, false]);
    await expect(workspace.as('DELETE', `/api/sign_ins/${oldest?.id}`)).rejects.toThrow('404');
    await callAs(nexus.url, other)('DELETE', `/api/sign_ins/${oldest?.id}`);
    expect([await statusOf(one), await statusOf(other), await statusOf(third)]).toEqual([401, 200, 200]);
    expect(await callAs(nexus.url, other)('DELETE', '/api/sign_ins')).toEqual({ count: 2 });
    expect([await statusOf(other), await statusOf(third), await statusOf(workspace)]).toEqual([401, 401, 200]);
  });

  test('are told by the client, with from where they are', async () => {
    const client = nexus.as((await (await anOwner()).aToken(admin.userId)).token);
    const { items } = await client.signIns.list.query({});
    expect(items[0]).toMatchObject({ address: '127.0.0.1', isCurrent: false });
    await expect(client.signIns.end.mutate({ id: 999_999 })).rejects.toMatchObject({ data: { reason: 'not_found' } });
  });
});

describe('what another workspace has cannot be told', () => {
  test('not a username', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    const username = `name-${randomUUID()}`;
    for (const workspace of [here, there]) {
      expect(await accept({ token: await workspace.invite({ email: anEmail() }), password: own, username })).toBe(201);
    }
    const again = await here.invite({ email: anEmail() });
    expect(await accept({ token: again, password: own, username: username.toUpperCase() })).toBe(409);
  });

  test('not an address, by who adds people', async () => {
    const [here, there] = [await anOwner(), await anOwner()];
    const add = (email: string) => here.as('POST', '/api/users', { username: randomUUID(), email });
    for (const email of [there.email, anEmail()]) await expect(add(email)).rejects.toThrow('403');
    const invited = await Promise.all(
      [there.email, anEmail()].map((email) => here.as('POST', '/api/invitations', { email })),
    );
    const [known, unknown] = invited.map((one) => Object.keys(z.looseObject({}).parse(one)).sort());
    expect(known).toEqual(unknown);
  });
});
