import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes as all } from '../../server/features/nouns.ts';
import type { Route } from '../../server/procedure/route.ts';
import { transformer } from '../../server/procedure/transformer.ts';
import { answeredMeanwhile } from '../support/answered-meanwhile.ts';
import { greatestInput } from '../support/contract-inputs.ts';
import { overrides } from '../support/matrix-overrides.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin, aStranger, type Signed } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

let nexus: Nexus;
let admin: Signed;
let world: World;
beforeAll(async () => {
  nexus = await startNexus();
  admin = await anAdmin(nexus.url, nexus.token);
  world = await aWorld(nexus.url, admin, overrides);
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

/** Queries come as POST where they are too long for a URL. */
async function post(procedure: string, body: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${nexus.url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.tokens.owner}`, 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** Text and lists of an input in all: more than most contracts need for their bounds. */
const inputBytes = 4_000_000;
/** They end the things that others are called with. */
const isLast = (procedure: string) => /\.(delete|revoke|remove|discard|abort|cancel)/.test(procedure);

test('each procedure at the bounds of its contract is answered or refused with a reason, and holds nobody up', async () => {
  const good = await aStranger(nexus);
  const routes = all
    .filter(({ type, procedure }) => type !== 'subscription' && !procedure.startsWith('system.'))
    .toSorted((a, b) => Number(isLast(a.procedure)) - Number(isLast(b.procedure)));
  const costs: { procedure: string; sent: number; status: number; answered: number; ms: number; cpuMs: number }[] = [];
  const known = { idOf: (noun: string) => world.idOf(noun), text: world.marker, overrides };
  const bodiesOf = (route: Route) =>
    [false, true].map((onlyRequired) =>
      JSON.stringify(transformer.serialize(greatestInput(route, known, { bytes: inputBytes, onlyRequired }))),
    );
  const asked = routes.map((route) => ({ procedure: route.procedure, bodies: bodiesOf(route) }));
  await answeredMeanwhile(good, async () => {
    for (const { procedure, bodies } of asked) {
      for (const body of bodies) {
        const before = process.cpuUsage();
        const startedAt = performance.now();
        const { status, text } = await post(procedure, body);
        const ms = Math.round(performance.now() - startedAt);
        const { user, system } = process.cpuUsage(before);
        const cpuMs = Math.round((user + system) / 1_000);
        costs.push({ procedure, sent: body.length, status, answered: text.length, ms, cpuMs });
        expect(status, `${procedure}: ${text.slice(0, 500)}`).not.toBe(500);
        // Where some of its fields exclude each other, those that it requires are sent alone.
        if (status !== 400) break;
      }
    }
  });
  const answered = new Set(costs.flatMap(({ procedure, status }) => (status < 300 ? procedure : [])));
  console.table(costs.toSorted((a, b) => b.cpuMs - a.cpuMs));
  expect(answered.size).toBeGreaterThan(routes.length / 2);
});
