import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';
import { z } from 'zod';
import type { Role } from '../../server/procedure/actor.ts';
import type { Nexus } from './nexus.ts';

export type Signed = { cookie: string; email: string; userId: number };

const Secret = z.object({ token: z.string() });
const Accepted = z.object({ user_id: z.number() });
export const aPassword = 'correct horse battery';

/** A call of a person who is signed in, as a page of the server's own makes it. */
export const callAs = (url: string, { cookie }: { cookie: string }, workspaceId?: number) => {
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        cookie,
        origin: url,
        'content-type': 'application/json',
        ...(workspaceId !== undefined && { 'x-nexus-workspace': String(workspaceId) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
};

export async function signIn(
  url: string,
  email: string,
  password = aPassword,
): Promise<{ status: number; cookie: string }> {
  const response = await fetch(`${url}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
  });
  const cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return { status: response.status, cookie };
}

/** Somebody new, who accepts an invitation that `invite` makes. */
async function joined(
  url: string,
  invite: (body: Record<string, unknown>) => Promise<unknown>,
  wanted: { role: Role; makes_admin?: boolean },
): Promise<{ email: string; userId: number }> {
  const email = `p-${randomUUID()}@example.org`;
  const { token } = Secret.parse(await invite({ email, ...wanted }));
  const response = await fetch(`${url}/api/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, username: email, password: aPassword }),
  });
  return { email, userId: Accepted.parse(await response.json()).user_id };
}

/** An admin of the installation, whom the operator's token invites, signed in. */
export async function anAdmin(url: string, operatorToken: string): Promise<Signed> {
  const invite = async (body: Record<string, unknown>) => {
    const response = await fetch(`${url}/api/invitations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const person = await joined(url, invite, { role: 'owner', makes_admin: true });
  return { ...person, cookie: (await signIn(url, person.email)).cookie };
}

/** A new workspace of an admin, and how to have people and tokens in it. */
export async function aWorkspace(url: string, admin: Signed) {
  const made = await callAs(url, admin)('POST', '/api/workspaces', { name: `w-${randomUUID()}` });
  const { id, name } = z.object({ id: z.number(), name: z.string() }).parse(made);
  const asAdmin = callAs(url, admin, id);
  const aMember = (role: Role) => joined(url, (body) => asAdmin('POST', '/api/invitations', body), { role });
  const aToken = async (userId: number, more: Record<string, unknown> = {}) =>
    Secret.extend({ id: z.string() }).parse(
      await asAdmin('POST', '/api/tokens', { name: 'test', scope: 'admin', user_id: userId, ...more }),
    );
  return { id, name, asAdmin, aMember, aToken };
}

/** The client of somebody with every right in a workspace of their own. */
export async function aStranger({ url, token, as }: Pick<Nexus, 'url' | 'token' | 'as'>): Promise<NexusClient> {
  const admin = await anAdmin(url, token);
  const { aToken } = await aWorkspace(url, admin);
  return as((await aToken(admin.userId)).token);
}
