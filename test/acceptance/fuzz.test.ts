import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../server/features/nouns.ts';
import { refusalsOf } from '../../server/published/refusals.ts';
import { call } from '../support/calls.ts';
import { arbitraryInput } from '../support/contract-inputs.ts';
import { overrides } from '../support/matrix-overrides.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

/** Runs of each procedure by each transport; FUZZ_RUNS asks for more. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 15);
const boundMs = 40_000;

let nexus: Nexus;
let own: World;
let other: World;
let endsAt = 0;

beforeAll(async () => {
  nexus = await startNexus();
  const admin = await anAdmin(nexus.url, nexus.token);
  own = await aWorld(nexus.url, admin, overrides);
  other = await aWorld(nexus.url, admin, overrides);
  endsAt = Date.now() + boundMs;
}, 240_000);
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

describe('whatever is sent with a valid token, nothing but a documented reason is answered, no 500, and nothing of another workspace', () => {
  test.each(routes.map((route) => [route.procedure, route] as const))('%s', async (_, route) => {
    const documented = refusalsOf(route).map(({ reason }) => String(reason));
    const ids = [...own.ids.values(), ...other.ids.values()].flat();
    await fc.assert(
      fc.asyncProperty(
        arbitraryInput(route, ids),
        fc.constantFrom('tRPC' as const, 'REST' as const),
        async (input, transport) => {
          const { status, text } = await call(transport, nexus.url, route, input, own.tokens.owner);
          if (status === 500) expect(text).toBe('no 500');
          expect(text).not.toContain(other.marker);
          const reason = text.match(/"(?:title|reason)":"([a-z_]+)","(?:status|details)"/)?.[1];
          if (status >= 400 && reason) expect(documented).toContain(reason);
        },
      ),
      // The first few of each procedure always run. A subscription is listened to, so that it takes its time.
      route.type === 'subscription'
        ? { numRuns: 2 }
        : {
            numRuns,
            interruptAfterTimeLimit: Math.min(Math.max(endsAt - Date.now(), 1_500), 3_000),
            markInterruptAsFailure: false,
          },
    );
  });
});
