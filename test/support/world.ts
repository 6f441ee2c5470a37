import { randomUUID } from 'node:crypto';
import { setTimeout as nextPoll } from 'node:timers/promises';
import { z } from 'zod';
import { routes } from '../../server/features/nouns.ts';
import { call } from './calls.ts';
import { kindOf, minimalInput, nounOf, type Overrides } from './contract-inputs.ts';
import { makes } from './matrix-overrides.ts';
import { aWorkspace, type Signed } from './people.ts';

/** A workspace with a thing of each kind in it, made by calling whatever makes things. */
export type World = {
  /** In the names and texts of all that is in it. */
  marker: string;
  /** Every id by its kind; a kind may have several. */
  ids: ReadonlyMap<string, readonly unknown[]>;
  idOf(noun: string): unknown;
  tokens: Record<'expired' | 'revoked' | 'viewer' | 'editor' | 'owner' | 'admin', string>;
  workspace: Awaited<ReturnType<typeof aWorkspace>>;
  ownerId: number;
  /** Refusals met while making things, for the message of a test that misses a kind. */
  refusals: readonly string[];
};

const Made = z.looseObject({ id: z.union([z.number(), z.string()]).optional() });

export async function aWorld(url: string, admin: Signed, overrides: Overrides): Promise<World> {
  const workspace = await aWorkspace(url, admin);
  const ownerId = (await workspace.aMember('owner')).userId;
  const revoked = await workspace.aToken(ownerId);
  const tokens = {
    expired: (await workspace.aToken(ownerId, { expires_at: new Date(Date.now() + 5_000) })).token,
    revoked: revoked.token,
    viewer: (await workspace.aToken((await workspace.aMember('viewer')).userId)).token,
    editor: (await workspace.aToken((await workspace.aMember('editor')).userId)).token,
    owner: (await workspace.aToken(ownerId)).token,
    admin: (await workspace.aToken(admin.userId)).token,
  };
  await workspace.asAdmin('DELETE', `/api/tokens/${revoked.id}`);

  const marker = `world${randomUUID().replaceAll('-', '')}`;
  // Somebody whom the others can do without.
  const ids = new Map<string, unknown[]>([['user', [(await workspace.aMember('viewer')).userId]]]);
  const idOf = (noun: string) => ids.get(noun)?.[0];
  const done = new Set<string>();
  const refusals = new Map<string, string>();
  // A thing that refers to another is made once the other is there.
  for (let round = 0; round < 3; round += 1) {
    for (const route of routes) {
      if (route.definition.status !== 201 || done.has(route.procedure)) continue;
      const input = minimalInput(route, { idOf, text: `${marker} ${randomUUID()}`, overrides });
      const { status, text } = await call('REST', url, route, input, tokens.owner);
      refusals.set(route.procedure, `${route.procedure}: ${text}`);
      if (status >= 300) continue;
      refusals.delete(route.procedure);
      done.add(route.procedure);
      for (const [kind, id] of idsIn(makes[route.procedure] ?? nounOf(route.procedure), JSON.parse(text))) {
        ids.set(kind, [...(ids.get(kind) ?? []), id]);
      }
    }
  }
  await untilExpired(url, tokens.expired);
  return { marker, ids, idOf, tokens, workspace, ownerId, refusals: [...refusals.values()] };
}

async function untilExpired(url: string, token: string): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const { status } = await fetch(`${url}/api/users/me`, { headers: { authorization: `Bearer ${token}` } });
    if (status === 401) return;
    await nextPoll(100);
  }
  throw new Error('The token does not expire.');
}

/** The ids in an answer: its own, and those of what it names (`object_id`). */
function idsIn(noun: string, answer: unknown): [string, unknown][] {
  const made = Made.safeParse(answer);
  if (!made.success) return [];
  return Object.entries(made.data).flatMap(([field, value]): [string, unknown][] => {
    if (Array.isArray(value)) return value.flatMap((one) => idsIn(kindOf(field), one).slice(0, 1));
    const inner = Made.safeParse(value);
    // A thing that was begun is within the answer: `{ object: { id } }`.
    if (inner.success && inner.data.id !== undefined) return [[field, inner.data.id]];
    if (typeof value !== 'number' && typeof value !== 'string') return [];
    if (field === 'id') return [[noun, value]];
    const named = field.match(/^([a-z]+)_id$/)?.[1];
    return named ? [[named, value]] : [];
  });
}
