import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../server/features/nouns.ts';
import type { Rule } from '../../server/procedure/role.ts';
import type { Route } from '../../server/procedure/route.ts';
import { snakeCase } from '../../server/procedure/wire-names.ts';
import { call, waysOf } from '../support/calls.ts';
import { type IdSlot, idSlotsOf, minimalInput } from '../support/contract-inputs.ts';
import { beside, noIds, oneByOne, overrides, targets, wrongKind } from '../support/matrix-overrides.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { anAdmin } from '../support/people.ts';
import { aWorld, type World } from '../support/world.ts';

const credentials = ['none', 'wrong', 'expired', 'revoked', 'viewer', 'editor', 'owner', 'admin'] as const;
type Credential = (typeof credentials)[number];

/** By hand, so that the table is compared with something else than itself. */
const allowed: Readonly<Record<Rule, readonly Credential[]>> = {
  anyone: credentials,
  viewer: ['viewer', 'editor', 'owner', 'admin'],
  editor: ['editor', 'owner', 'admin'],
  owner: ['owner', 'admin'],
  admin: ['admin'],
};

let nexus: Nexus;
let own: World;
let other: World;
let tokens: Record<Credential, string | undefined>;

beforeAll(async () => {
  nexus = await startNexus();
  const admin = await anAdmin(nexus.url, nexus.token);
  own = await aWorld(nexus.url, admin, overrides);
  other = await aWorld(nexus.url, admin, overrides);
  tokens = { none: undefined, wrong: `nexus_${'x'.repeat(43)}`, ...own.tokens };
}, 240_000);
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const knownIn = (world: World) => ({
  idOf: world.idOf,
  text: `${world.marker} ${crypto.randomUUID()}`,
  overrides,
});
/** An alternative path may name what the least input leaves out. */
const inputFor = (route: Route, world: World) => ({
  ...minimalInput(route, knownIn(world)),
  ...Object.fromEntries(
    idSlotsOf(route)
      .filter(({ top }) => route.definition.alsoPaths?.some((path) => path.includes(`{${snakeCase(top)}}`)))
      .map(({ top, noun }) => [top, world.idOf(noun)]),
  ),
});

/** The places of an input that name a thing, those too that name another kind beside another field. */
function slotsOf(route: Route): (IdSlot & { beside?: Record<string, unknown> })[] {
  const { field, kinds } = targets[route.procedure] ?? { field: '', kinds: [] };
  const slots = idSlotsOf(route);
  const [target] = slots.filter((slot) => slot.field === field);
  const more = target
    ? kinds.map((noun) => ({ ...target, field: `${field} as ${noun}`, noun, beside: { targetType: noun } }))
    : [];
  return [...slots, ...more].filter((slot) => !noIds.has(`${route.procedure}.${slot.field}`));
}

describe('whoever may not call is refused, and whoever may is answered', () => {
  test.each(routes.map((route) => [route.procedure, route] as const))('%s', async (procedure, route) => {
    const { role, ownOnly } = route.definition;
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const transport of waysOf(route)) {
      for (const credential of credentials) {
        const { status, text } = await call(transport, nexus.url, route, inputFor(route, own), tokens[credential]);
        const key = `${transport} as ${credential}`;
        const isRefused = status === 401 || status === 403;
        const isWrong = status >= 500 || (status === 400 && !wrongKind.has(procedure));
        seen[key] = isRefused ? String(status) : isWrong ? text : 'answered';
        // The things of this workspace are its owner's.
        const isAnothers = credential === 'editor' && ownOnly === true;
        const isAllowed = allowed[role].includes(credential) && !isAnothers;
        expected[key] = isAllowed ? 'answered' : allowed.viewer.includes(credential) ? '403' : '401';
      }
    }
    expect(seen).toEqual(expected);
  });
});

describe('another workspace’s things do not exist', () => {
  const cases = routes.flatMap((route) => slotsOf(route).map((slot) => ({ route, slot })));
  test.each(cases.map((one) => [`${one.route.procedure} by ${one.slot.field}`, one] as const))(
    '%s',
    async (_, { route, slot }) => {
      const foreign = other.ids.get(slot.noun) ?? [];
      const hint = `no ${slot.noun} could be made: see test/support/matrix-overrides.ts; refused: ${other.refusals.join('; ')}`;
      expect(foreign, hint).not.toEqual([]);
      for (const transport of waysOf(route)) {
        for (const id of foreign) {
          const input = {
            ...inputFor(route, own),
            ...beside[`${route.procedure}.${slot.field}`]?.(own),
            ...slot.beside,
            [slot.top]: slot.valueWith(knownIn(own), id),
          };
          const { status, text } = await call(transport, nexus.url, route, input, tokens.admin);
          const isFilter = route.type === 'query' && !slot.isRequired;
          // A filter by what does not exist finds nothing; everything else has nothing to be done to.
          if (oneByOne.has(`${route.procedure}.${slot.field}`)) {
            expect([transport, status, text]).toEqual([transport, 200, expect.stringContaining('refused')]);
          } else if (!isFilter) expect([transport, status, text]).toEqual([transport, 404, expect.anything()]);
          else expect([transport, status === 404 || status === 200]).toEqual([transport, true]);
          expect(text).not.toContain(other.marker);
        }
      }
    },
  );
});

test('no list shows anything of another workspace', async () => {
  for (const route of routes.filter(({ type }) => type === 'query')) {
    const { text } = await call('tRPC', nexus.url, route, inputFor(route, own), tokens.admin);
    expect([route.procedure, text.includes(other.marker)]).toEqual([route.procedure, false]);
  }
});
