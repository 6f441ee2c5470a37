import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../server/features/nouns.ts';
import { minimalInput } from '../support/contract-inputs.ts';
import { eventsOf } from '../support/events.ts';
import { overrides } from '../support/matrix-overrides.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin, aWorkspace, callAs, type Signed, signIn } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

let nexus: Nexus;
/** On a real PostgreSQL another server of the same database, which hears by LISTEN and NOTIFY; otherwise the same one. */
let neighbour: Nexus;
let admin: Signed;
let world: World;
beforeAll(async () => {
  nexus = await startNexus();
  neighbour = process.env.DATABASE_URL ? await startNexus() : nexus;
  admin = await anAdmin(nexus.url, nexus.token);
  world = await aWorld(nexus.url, admin, overrides);
}, 240_000);
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
  if (neighbour !== nexus) await neighbour[Symbol.asyncDispose]();
});

// The ingest of a world is of one line, and over before anybody's token is.
const subscriptions = routes.filter(
  ({ type, procedure }) => type === 'subscription' && procedure !== 'datasets.followIngest',
);
const inputFor = (route: (typeof subscriptions)[number]) =>
  minimalInput(route, { idOf: world.idOf, text: world.marker, overrides });
/** A subscription that waits, as somebody with this credential has it. */
const open = (server: Nexus, route: (typeof subscriptions)[number], headers: Record<string, string>) =>
  eventsOf(server.url, route, inputFor(route), headers);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('an open subscription ends with what opened it', () => {
  test.each(subscriptions.map((route) => [route.procedure, route] as const))('%s', async (_, route) => {
    const ownerId = world.ownerId;
    const revoked = await world.workspace.aToken(ownerId);
    const expiring = await world.workspace.aToken(ownerId, { expires_at: new Date(Date.now() + 3_000) });
    const viewer = await world.workspace.aMember('viewer');
    const removed = await world.workspace.aToken(viewer.userId);
    const person = await world.workspace.aMember('viewer');
    const session = await signIn(nexus.url, person.email);

    // Experiments are in CouchDB alone, and each server of this test may have its own.
    const there = route.procedure === 'experiments.live' ? nexus : neighbour;
    const streams = await Promise.all([
      open(there, route, bearer(revoked.token)),
      open(there, route, bearer(expiring.token)),
      open(nexus, route, bearer(removed.token)),
      open(nexus, route, { cookie: session.cookie }),
    ]);
    const kept = await open(there, route, bearer(world.tokens.viewer));
    await world.workspace.asAdmin('DELETE', `/api/tokens/${revoked.id}`);
    await world.workspace.asAdmin('DELETE', `/api/members/${viewer.userId}`);
    await callAs(nexus.url, session)('POST', '/auth/sign-out', {});
    // Each by itself, long before the test's own time is over.
    const ends = await Promise.all(streams.map((stream) => stream.ended));
    for (const text of ends) expect(text).toMatch(/event: problem\ndata: .*"status":401/);
    expect(kept.text()).not.toContain('problem');
    kept.close();
    expect(await kept.ended).not.toContain('problem');
  });
});

test('a token that is revoked on one server is refused by another of the same database, at once or within 10 s', async () => {
  const workspace = await aWorkspace(nexus.url, admin);
  const { userId } = await workspace.aMember('editor');
  const { token, id } = await workspace.aToken(userId);
  const status = async (server: Nexus) => (await server.rest('GET', '/api/users/me', undefined, token)).status;
  expect([await status(nexus), await status(neighbour)]).toEqual([200, 200]);
  const revokedAt = performance.now();
  await workspace.asAdmin('DELETE', `/api/tokens/${id}`);
  expect(await status(nexus)).toBe(401);
  while ((await status(neighbour)) !== 401) expect(performance.now() - revokedAt).toBeLessThan(10_000);
});
