import fc from 'fast-check';
import { SuperJSON } from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AddContextInput } from '../../server/features/context/contract.ts';
import { routes } from '../../server/features/nouns.ts';
import { receivedInput } from '../../server/procedure/bounded-json.ts';
import { decodeColumn, decodeVector, encodeVector, transformer } from '../../server/procedure/transformer.ts';
import { typedInput } from '../../server/procedure/typed-input.ts';
import { arbitraryInput } from '../support/contract-inputs.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let server: Nexus;
beforeAll(async () => {
  server = await startNexus();
});
afterAll(async () => server[Symbol.asyncDispose]());

type Wire = { json: unknown; meta?: object };
const typed = (json: unknown, path: string, type: unknown): Wire => ({
  json,
  meta: { values: { [path]: [type] }, v: 1 },
});

async function sent(procedure: string, wire: Wire, token: string | undefined) {
  const response = await fetch(`${server.url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(wire),
  });
  return { status: response.status, text: await response.text() };
}

/** All that superjson can make of JSON, with JSON that makes it. */
const makers: readonly (readonly [string, unknown, unknown])[] = [
  ...[Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map(
    ({ name }) => [name, 20_000_000, ['typed-array', name]] as const,
  ),
  ['Uint8ClampedArray', 20_000_000, ['typed-array', 'Uint8ClampedArray']],
  ['bigint', '1'.repeat(60_000), 'bigint'],
  ['regexp', '/(a+)+$/', 'regexp'],
  ['set', [1], 'set'],
  ['map', [['a', 1]], 'map'],
  ['URL', 'http://localhost/', 'URL'],
  ['Error', { message: 'x' }, 'Error'],
  ['an unknown class', {}, ['class', 'Object']],
  ['a symbol', 'x', ['symbol', 'x']],
  ['an unknown type', 'x', 'eval'],
  ['a name of every object', 'x', 'constructor'],
];

describe('of what superjson can make of an input, the server makes only what the field is for', () => {
  test.each(makers)('%s is refused with the field, and nothing is allocated for it', async (_, json, type) => {
    const places: readonly [string, string, string | undefined, unknown][] = [
      ['invitations.accept', 'token', undefined, { token: json }],
      ['topologies.create', 'name', server.token, { name: json, architecture: 'a' }],
      [
        'topologies.create',
        'config.inner.0',
        server.token,
        { name: 't', architecture: 'a', config: { inner: [json] } },
      ],
      ['chunks.search', 'embedding', server.token, { embedding: json }],
      ['training.list', 'filter.and.0.equals', server.token, { filter: { and: [{ field: 'name', equals: json }] } }],
    ];
    const before = process.memoryUsage().arrayBuffers;
    for (const [procedure, path, token, input] of places) {
      const answer = await sent(procedure, typed(input, path, type), token);
      expect(answer.status, procedure).toBe(400);
      expect(answer.text).toContain(`"field":"${path}"`);
      expect(answer.text).toContain('give JSON');
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test.each(makers)('%s refuses a document of many alone', async (_, data, type) => {
    const documents = [
      { type: 't', data },
      { type: 't', data },
    ];
    const { status, text } = await sent(
      'context.addMany',
      typed({ documents }, 'documents.0.data', type),
      server.token,
    );
    expect([status, text]).toEqual([200, expect.stringContaining('"refused"')]);
    expect(text).toContain('"added"');
  });

  test('a date, a vector, a column and a number are made where they belong, and nowhere else', async () => {
    const vector = encodeVector(Float32Array.from({ length: 384 }, () => 1));
    const fitting: readonly [string, Wire][] = [
      ['audit.list', typed({ since: '2026-01-01T00:00:00Z' }, 'since', 'Date')],
      ['chunks.search', typed({ embedding: vector }, 'embedding', ['custom', 'float32'])],
      ['topologies.list', typed({ name: null }, 'name', 'undefined')],
      ['users.me', { json: null, meta: { values: ['undefined'], v: 1 } }],
      [
        'training.list',
        typed(
          { filter: { not: { or: [{ field: 'startedAt', gt: '2026-01-01T00:00:00Z' }] } } },
          'filter.not.or.0.gt',
          'Date',
        ),
      ],
    ];
    for (const [procedure, wire] of fitting) {
      const answer = await sent(procedure, wire, server.token);
      expect([procedure, answer.status, answer.text.slice(0, 300)]).toEqual([procedure, 200, expect.any(String)]);
    }
    const unfitting: readonly [string, Wire][] = [
      ['topologies.list', typed({ name: '2026-01-01T00:00:00Z' }, 'name', 'Date')],
      ['audit.list', typed({ since: '1'.repeat(1_000_000) }, 'since', 'Date')],
      ['audit.list', typed({ since: 5 }, 'since', 'Date')],
      ['audit.list', typed({ since: vector }, 'since', ['custom', 'float32'])],
      ['chunks.search', typed({ embedding: 'AAA' }, 'embedding', ['custom', 'float32'])],
      ['chunks.search', typed({ embedding: vector }, 'embedding', ['custom', 'float64'])],
      ['chunks.search', typed({ embedding: 2_000_000_000 }, 'embedding', ['custom', 'float32'])],
      ['topologies.list', typed({ limit: '9'.repeat(1_000_000) }, 'limit', 'number')],
    ];
    for (const [procedure, wire] of unfitting) {
      const { status, text } = await sent(procedure, wire, server.token);
      expect([status, text]).toEqual([400, expect.stringContaining('give JSON')]);
    }
  });

  test.each([
    ['a path to nothing', { 'a.b': ['Date'] }],
    ['a path of prototypes', { 'constructor.prototype': ['Date'] }],
    ['a path of many parts', { ['.'.repeat(60_000)]: ['Date'] }],
    ['the length of a list', { 'tags.length': ['Date'] }],
    ['a bad escape', { 'na\\me': ['Date'] }],
    ['types within a type', { name: ['map', { a: ['Date'] }] }],
    ['a number instead of a type', { name: [7] }],
    ['a type instead of types', 'Date'],
    ['a type of the whole', ['Date']],
    ['a list of types', [['typed-array', 'Float64Array']]],
  ])('a "meta" that fits no input is refused: %s', async (_, values) => {
    const wire = { json: { name: 't', tags: [] }, meta: { values, v: 1 } };
    for (const [procedure, token] of [
      ['topologies.create', server.token],
      ['system.health', undefined],
    ] as const) {
      const { status, text } = await sent(procedure, wire, token);
      expect([status, text]).toEqual([400, expect.stringContaining('invalid_input')]);
    }
  });

  test('an input cannot be made to refer to itself', async () => {
    const wire = { json: { name: 't', config: null }, meta: { referentialEqualities: [['config']], v: 1 } };
    expect((await sent('topologies.create', wire, server.token)).status).toBe(400);
  });
});

/** Any superjson client, which makes of an answer or an input whatever its "meta" says. */
const oracle = new SuperJSON();
oracle.registerCustom<Float32Array, string>(
  {
    isApplicable: (v): v is Float32Array => v instanceof Float32Array,
    serialize: encodeVector,
    deserialize: decodeVector,
  },
  'float32',
);
oracle.registerCustom<Float64Array, string>(
  { isApplicable: (v): v is Float64Array => v instanceof Float64Array, serialize: () => '', deserialize: decodeColumn },
  'float64',
);

test.each(routes.map((route) => [route.procedure, route] as const))(
  'what the contract of %s takes of a client, it takes as superjson reads it',
  (_, route) => {
    fc.assert(
      fc.property(arbitraryInput(route, [1, 'x']), (input) => {
        // zod takes a date for an object without fields.
        if (input instanceof Date || Object(input).config instanceof Date) return;
        let text: string;
        try {
          text = JSON.stringify(transformer.serialize(input));
        } catch {
          return;
        }
        const expected = route.declaredInput.safeParse(oracle.parse(text));
        if (!expected.success) return;
        const isEachTaken = [Object(expected.data).documents ?? []]
          .flat()
          .every((one) => AddContextInput.safeParse(one).success);
        if (!isEachTaken) return;
        const given = typedInput(receivedInput(JSON.parse(text)), route.declaredInput);
        expect(route.declaredInput.parse(given)).toEqual(expected.data);
      }),
      { numRuns: 200 },
    );
  },
);

/** Every text within what a procedure takes. */
function textsIn(schema: unknown, path: string, found = new Map<string, z.ZodString>()): Map<string, z.ZodString> {
  if (!(schema instanceof z.ZodType) || path.length > 300) return found;
  const { checkedLater, conditionOfTree } = z.globalRegistry.get(schema) ?? {};
  for (const other of [checkedLater, conditionOfTree]) textsIn(other, path, found);
  if (schema instanceof z.ZodString) found.set(path, schema);
  if (schema instanceof z.ZodObject)
    for (const [key, field] of Object.entries(schema.shape)) textsIn(field, `${path}.${key}`, found);
  if (schema instanceof z.ZodArray) textsIn(schema.element, path, found);
  if (schema instanceof z.ZodRecord) for (const part of [schema.keyType, schema.valueType]) textsIn(part, path, found);
  if (schema instanceof z.ZodUnion) for (const option of schema.options) textsIn(option, path, found);
  if (schema instanceof z.ZodPipe) textsIn(schema.in, path, found);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    textsIn(schema.unwrap(), path, found);
  return found;
}

test('every text that is stored or looked for refuses what PostgreSQL cannot hold, by its field', () => {
  const open = routes.flatMap(({ procedure, declaredInput }) =>
    [...textsIn(declaredInput, procedure)]
      .filter(([, text]) => ['\0', '\ud800'].some((odd) => text.safeParse(`some text${odd}, and more`).success))
      .map(([path]) => path),
  );
  // Those are read, or hashed, before anything else is done with them; a finding is an admin's, as it was answered.
  const isRead = /\.(?:cursor|lastEventId|token)$|^system\.repair\./;
  expect(open.filter((path) => !isRead.test(path))).toEqual([]);
});
