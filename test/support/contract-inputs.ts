import fc from 'fast-check';
import { z } from 'zod';
import { singularOf } from '../../kit/singular.ts';
import type { Route } from '../../server/procedure/route.ts';

/** A place in an input that names a thing by its id. */
export type IdSlot = {
  /** Where it is: `topologyId`, `chunks.datasetId`. */
  field: string;
  noun: string;
  /** Whether it is at the top of the input, and has to be there. */
  isRequired: boolean;
  /** The field of the input that it is in. */
  top: string;
  /** The value of that field with the id in its place. */
  valueWith(known: Known, id: unknown): unknown;
};

type Node = z.core.JSONSchema.BaseSchema;
const Node = z.custom<Node>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const asNode = (value: unknown): Node => (Node.safeParse(value).success ? Node.parse(value) : {});

/** The input's JSON Schema, ids and dates as the contract describes them. */
const schemaOf = (route: Route): Node => jsonSchemaOf(route.input);

const Later = z.looseObject({ checkedLater: z.instanceof(z.ZodType) });

function jsonSchemaOf(schema: z.ZodType): Node {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    // Without the contract's own names, so that nothing is behind a reference but what contains itself.
    metadata: z.registry(),
    override({ zodSchema, jsonSchema }) {
      const description = z.globalRegistry.get(zodSchema)?.description;
      if (description) jsonSchema.description = description;
      // Items that a verb parses by itself have a contract as well.
      const later = Later.safeParse(z.globalRegistry.get(zodSchema));
      if (later.success) Object.assign(jsonSchema, jsonSchemaOf(later.data.checkedLater));
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  });
}

/** Kinds that go by several names. */
const otherNames: Readonly<Record<string, string>> = { training: 'run', target: 'topology', file: 'object' };
const named = (noun: string) => otherNames[noun] ?? noun;
/** The kind that a plural field holds: `files`, `modules`. */
export const kindOf = (field: string) => named(singularOf(field));
export const nounOf = (procedure: string) => named(singularOf(procedure.split('.')[0] ?? ''));

/** The kind whose id a field holds: from its description, `A topology's id …`, else from its name: `id`, `runId`. */
function nounOfField(route: Route, field: string, node: Node): string | undefined {
  const described = node.description?.match(/^An? ([a-z ]+)['’]s id/)?.[1];
  // Documents of every kind describe theirs alike.
  if (described) return described === 'document' ? nounOf(route.procedure) : named(described);
  if (node.type !== 'string' && node.type !== 'integer' && !node.anyOf) return undefined;
  if (field === 'id') return nounOf(route.procedure);
  if (field === 'createdBy') return 'user';
  // `parentRunId` is a run's.
  const referred = field
    .match(/([a-z]+)Id$/i)?.[1]
    ?.replace(/^.*(?=[A-Z])/, '')
    .toLowerCase();
  return referred && named(referred);
}

/** Every place of an input that names a thing: in lists, objects and alternatives as well as at its top. */
export function idSlotsOf(route: Route): IdSlot[] {
  const schema = schemaOf(route);
  const found = Object.entries(schema.properties ?? {}).flatMap(([field, value]) => {
    if (field === 'lastEventId') return [];
    const isRequired = schema.required?.includes(field) ?? false;
    return slotsIn(asNode(value), route, field, `${route.procedure}.${field}`, 0).map((slot) => ({
      ...slot,
      top: field,
      isRequired: isRequired && slot.field === field,
    }));
  });
  // Alternatives of one place are one place.
  return [...new Map(found.map((slot) => [`${slot.field} ${slot.noun}`, slot])).values()];
}

const deepest = 6;

type FoundSlot = Pick<IdSlot, 'field' | 'noun' | 'valueWith'>;

function slotsIn(node: Node, route: Route, name: string, at: string, depth: number): FoundSlot[] {
  if (depth > deepest) return [];
  const noun = nounOfField(route, name, node);
  if (noun !== undefined) return [{ field: at.slice(route.procedure.length + 1), noun, valueWith: (_, id) => id }];
  const choices = node.anyOf ?? node.oneOf ?? node.allOf;
  if (choices) return choices.flatMap((choice) => slotsIn(asNode(choice), route, name, at, depth + 1));
  if (node.type === 'array') {
    // `datasetIds` holds ids of datasets as `datasetId` holds one.
    const inner = slotsIn(asNode(node.items), route, name.replace(/ds$/, 'd'), at, depth + 1);
    return inner.map((slot) => ({
      ...slot,
      valueWith: (known, id) => [slot.valueWith(known, id), ...Object(valueFrom(node, route, known, at)).slice(1)],
    }));
  }
  return Object.entries(node.properties ?? {}).flatMap(([field, value]) =>
    slotsIn(asNode(value), route, field, `${at}.${field}`, depth + 1).map((slot) => ({
      ...slot,
      valueWith: (known, id) => ({ ...objectFrom(node, route, known, at), [field]: slot.valueWith(known, id) }),
    })),
  );
}

/** Facts about a procedure's input that its schema cannot state. */
export type Overrides = Readonly<Record<string, unknown>>;
/** In an override: the field is to be there, with the id of a thing. */
export const anId = Symbol('an id');
export type Known = {
  /** The id of a thing that is there. */
  idOf(noun: string): unknown;
  /** Text for what is free text. */
  text: string;
  overrides: Overrides;
};

/** The least input that a procedure's contract takes, of what its schema requires. */
export function minimalInput(route: Route, known: Known): Record<string, unknown> {
  return Object(objectFrom(schemaOf(route), route, known, route.procedure));
}

function objectFrom(node: Node, route: Route, known: Known, at: string): Record<string, unknown> {
  const wanted = new Set(node.required ?? []);
  for (const key of Object.keys(known.overrides)) {
    if (key.startsWith(`${at}.`) && !key.slice(at.length + 1).includes('.')) wanted.add(key.slice(at.length + 1));
  }
  return Object.fromEntries(
    [...wanted].map((field) => {
      const override = known.overrides[`${at}.${field}`];
      if (override !== undefined && override !== anId) return [field, override];
      const inner = asNode(node.properties?.[field]);
      const noun = nounOfField(route, field, inner);
      const id = noun === undefined ? undefined : known.idOf(noun);
      return [field, id ?? valueFrom(inner, route, known, `${at}.${field}`)];
    }),
  );
}

function valueFrom(node: Node, route: Route, known: Known, at: string): unknown {
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  const [choice] = node.anyOf ?? node.oneOf ?? node.allOf ?? [];
  if (choice) return valueFrom(asNode(choice), route, known, at);
  switch (node.type) {
    case 'object':
      return objectFrom(node, route, known, at);
    case 'array':
      return Array.from({ length: Math.max(1, node.minItems ?? 1) }, () =>
        valueFrom(asNode(node.items), route, known, at),
      );
    case 'integer':
    case 'number':
      return Math.max(node.minimum ?? 1, Number(node.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return false;
    case 'string':
      return textFrom(node, known);
    default:
      return known.text;
  }
}

function textFrom(node: Node, known: Known): unknown {
  if (node.format === 'date-time') return new Date(Date.now() + 86_400_000);
  if (node.format === 'email') return `${crypto.randomUUID()}@example.org`;
  if (node.format === 'uuid') return crypto.randomUUID();
  if (node.format === 'uri') return 'https://example.org/';
  if (node.pattern) {
    const [match] = fc.sample(fc.stringMatching(new RegExp(node.pattern), { maxLength: 64 }), 1);
    return match;
  }
  const text = known.text.padEnd(node.minLength ?? 0, 'x');
  return text.slice(0, node.maxLength ?? text.length);
}

/** Inputs of all kinds: such as the contract describes, such as it nearly does, and such as it never does. */
export function arbitraryInput(route: Route, ids: readonly unknown[]): fc.Arbitrary<unknown> {
  const id = fc.constantFrom(...ids, 0, -1, 1, 999_999_999, 2 ** 53, 'x', `${nounOf(route.procedure)}-1`);
  const junk = fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('\0', '\ud800', '%', '__proto__', "'; drop table users; --", '../..', '\u202e', 'null', ''),
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(null, true, [], {}, Number.MAX_VALUE, -0, 2 ** 31, 2 ** 63),
    fc.date(),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const from = (node: Node, field: string, depth: number): fc.Arbitrary<unknown> => {
    const fitting = fittingFrom(node, field, depth);
    return fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: junk });
  };
  const fittingFrom = (node: Node, field: string, depth: number): fc.Arbitrary<unknown> => {
    if (depth > 6) return junk;
    if (nounOfField(route, field, node)) return id;
    if (node.const !== undefined) return fc.constant(node.const);
    if (node.enum) return fc.constantFrom(...node.enum);
    const choices = node.anyOf ?? node.oneOf;
    if (choices) return fc.oneof(...choices.map((choice) => fittingFrom(asNode(choice), field, depth + 1)));
    switch (node.type) {
      case 'object': {
        const fields = Object.entries(node.properties ?? {});
        if (fields.length === 0) return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }));
        const shape = Object.fromEntries(fields.map(([name, inner]) => [name, from(asNode(inner), name, depth + 1)]));
        return fc.record(shape, { requiredKeys: node.required ?? [] });
      }
      case 'array':
        return fc.array(from(asNode(node.items), field, depth + 1), { maxLength: 4 });
      case 'integer':
        return fc.integer({ min: Math.max(node.minimum ?? -5, -1e9), max: Math.min(node.maximum ?? 1e9, 1e9) });
      case 'number':
        return fc.double({ noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'string':
        if (node.format === 'date-time') return fc.date();
        if (node.format === 'uuid') return fc.uuid();
        if (node.format === 'email') return fc.emailAddress();
        if (node.pattern) return fc.stringMatching(new RegExp(node.pattern), { maxLength: 80 });
        return fc.string({ unit: 'grapheme', maxLength: Math.min(node.maxLength ?? 40, 40) });
      default:
        return junk;
    }
  };
  return from(schemaOf(route), '', 0);
}

/** No schema tells one that would be taken. */
const unmade = new Set(['cursor', 'lastEventId', 'expectedRev', 'before', 'after']);

/** An input with everything that a procedure's contract takes, or requires, as long and as many as it says, of at most some `bytes`. */
export function greatestInput(
  route: Route,
  known: Known,
  { bytes, onlyRequired }: { bytes: number; onlyRequired: boolean },
): Record<string, unknown> {
  const schema = schemaOf(route);
  let left = bytes;
  const patterned = new Map<string, unknown>();
  const greatest = (node: Node, field: string, at: string, depth: number): unknown => {
    const override = known.overrides[at];
    if (override !== undefined && override !== anId) return override;
    const noun = nounOfField(route, field, node);
    if (noun !== undefined) return known.idOf(noun) ?? valueFrom(node, route, known, at);
    const [choice] = node.anyOf ?? node.oneOf ?? node.allOf ?? [];
    if (choice && node.const === undefined)
      return depth > deepest ? undefined : greatest(asNode(choice), field, at, depth + 1);
    if (node.type === 'object') {
      const fields = Object.entries(node.properties ?? {});
      if (fields.length === 0)
        return { text: greatest({ type: 'string', maxLength: 50_000 }, 'text', `${at}.`, depth) };
      return Object.fromEntries(
        fields.flatMap(([name, inner]) => {
          const isWanted =
            !onlyRequired || node.required?.includes(name) || known.overrides[`${at}.${name}`] !== undefined;
          if (!isWanted || unmade.has(name)) return [];
          return [[name, greatest(asNode(inner), name, `${at}.${name}`, depth + 1)]];
        }),
      );
    }
    if (node.type === 'array') {
      const items: unknown[] = [];
      const most = node.maxItems ?? 1_000;
      do {
        const before = left;
        items.push(greatest(asNode(node.items), field.replace(/ds$/, 'd'), at, depth + 1));
        left = Math.min(left, before - 8);
      } while (items.length < most && left > 0);
      return items;
    }
    if (node.type === 'integer' || node.type === 'number') return Math.min(node.maximum ?? 1_000_000, 1_000_000_000);
    if (node.type === 'string' && !node.format && !node.pattern && !node.enum && node.const === undefined) {
      const length = Math.min(node.maxLength ?? 1_000_000, Math.max(1, Math.floor(left / 4)));
      left -= length;
      return wordsOf(length, left);
    }
    if (!node.pattern) return valueFrom(node, route, known, at);
    const text = patterned.get(node.pattern) ?? textFrom(node, known);
    patterned.set(node.pattern, text);
    return text;
  };
  return Object(greatest(schema, '', route.procedure, 0));
}

/** Different words, as a text of a length. */
function wordsOf(length: number, seed: number): string {
  let text = '';
  for (let at = seed; text.length < length; at += 1) text += `w${(at * 7919) % 10_007} `;
  return text.slice(0, length);
}
