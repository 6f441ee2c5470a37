import { z } from 'zod';
import { invalidInput, NexusError } from '../errors.ts';

export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Direction = 'input' | 'output';

/**
 * A schema as it travels by REST: field names in snake_case, dates as text. It follows the schema and nothing else, so
 * that free JSON (config, metadata, data) is never touched. `names` gives a field another name: `{ text: 'q' }`.
 */
export function renamed(
  schema: z.ZodType,
  value: unknown,
  direction: Direction,
  names: Readonly<Record<string, string>> = ownNames,
): unknown {
  if (value === null || value === undefined) return value;
  if (value instanceof Float32Array) return [...value];
  // JSON has no NaN and no infinities, and would say null.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  const { checkedLater, condition, inner } = behind(schema, direction);
  if (checkedLater) return renamedEach(checkedLater, value, direction);
  if (condition) return renamedTree(condition, value, direction, 0);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  if (inner instanceof z.ZodDate) return typeof value === 'string' ? new Date(value) : value;
  if (namesFields(inner) && typeof value === 'string') {
    return direction === 'output'
      ? snakeCase(value)
      : (inner.options.find((name) => snakeCase(String(name)) === value) ?? value);
  }
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    const element = inner.element;
    return element instanceof z.ZodType ? value.map((one) => renamed(element, one, direction)) : value;
  }
  if (inner instanceof z.ZodUnion) return renamedByOption(inner.options, value, direction);
  if (inner instanceof z.ZodObject && typeof value === 'object' && !Array.isArray(value)) {
    return renamedObject(inner, value, direction, names);
  }
  return value;
}

/** Marks items that a verb checks one by one, to refuse a bad one alone: one that cannot be renamed stays as it is. */
function renamedEach(schema: z.ZodType, value: unknown, direction: Direction): unknown {
  const { element } = schema instanceof z.ZodArray ? schema : { element: schema };
  const one = (item: unknown) => {
    try {
      return element instanceof z.ZodType ? renamed(element, item, direction) : item;
    } catch (error) {
      if (error instanceof NexusError) return item;
      throw error;
    }
  };
  return schema instanceof z.ZodArray && Array.isArray(value) ? value.map(one) : one(value);
}

/** Whether the values of an enum are names of fields, which REST writes in its own way. */
export const namesFields = (schema: z.ZodType): schema is z.ZodEnum =>
  schema instanceof z.ZodEnum && z.globalRegistry.get(schema)?.namesFields === true;

type Behind = { checkedLater?: z.ZodType; condition: z.ZodType | undefined; inner: z.ZodType };
const known = { input: new WeakMap<z.ZodType, Behind>(), output: new WeakMap<z.ZodType, Behind>() };

/** The parts of a schema that decide, found once: every row asks for them again. */
function behind(schema: z.ZodType, direction: Direction): Behind {
  const found = known[direction].get(schema);
  if (found) return found;
  const { checkedLater } = z.globalRegistry.get(schema) ?? {};
  const made: Behind = {
    ...(checkedLater instanceof z.ZodType && { checkedLater }),
    condition: conditionOf(schema),
    inner: unwrap(schema, direction),
  };
  known[direction].set(schema, made);
  return made;
}

/** Renames by the first option that takes the value; leaves it unchanged where none does, for the contract to refuse. */
function renamedByOption(options: readonly unknown[], value: unknown, direction: Direction): unknown {
  for (const option of options) {
    if (!(option instanceof z.ZodType) || !(unwrap(option, direction) instanceof z.ZodObject)) continue;
    const named = renamed(option, value, direction);
    if (option.safeParse(direction === 'input' ? named : value).success) return named;
  }
  return value;
}

/** The schema of the leaves of a tree of conditions, behind optional and default; undefined for any other schema. */
function conditionOf(schema: z.ZodType): z.ZodType | undefined {
  let at: unknown = schema;
  for (let depth = 0; depth < 10 && at instanceof z.ZodType; depth += 1) {
    const condition = z.globalRegistry.get(at)?.conditionOfTree;
    if (condition instanceof z.ZodType) return condition;
    if (at instanceof z.ZodOptional || at instanceof z.ZodNullable || at instanceof z.ZodDefault) at = at.unwrap();
    else return undefined;
  }
  return undefined;
}

/** Deeper than any contract allows, a tree stays as it is, to be refused by its contract instead of by the stack. */
const maxTreeDepth = 50;

function renamedTree(condition: z.ZodType, value: unknown, direction: Direction, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > maxTreeDepth) return value;
  const [[key, part] = ['', undefined], ...others] = Object.entries(value);
  const inner = (one: unknown) => renamedTree(condition, one, direction, depth + 1);
  if (others.length === 0 && key === 'not') return { not: inner(part) };
  if (others.length === 0 && (key === 'and' || key === 'or') && Array.isArray(part)) return { [key]: part.map(inner) };
  return renamed(condition, value, direction);
}

function renamedObject(
  schema: z.ZodObject,
  value: object,
  direction: Direction,
  names: Readonly<Record<string, string>>,
) {
  const fields = fieldsOf(schema, direction, names);
  const named: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    const field = fields.get(key);
    if (!field && direction === 'input' && Object.hasOwn(schema.shape, key)) {
      const wire = names[key] ?? snakeCase(key);
      throw invalidInput(wire, `There is no field ${JSON.stringify(key)} by REST; give ${wire}.`);
    }
    if (field) named[field.to] = renamed(field.schema, part, direction);
    // Defined rather than assigned: a key such as `__proto__` would otherwise not become a field.
    else Object.defineProperty(named, key, { value: part, enumerable: true, configurable: true, writable: true });
  }
  return named;
}

type Fields = ReadonlyMap<string, { to: string; schema: z.ZodType }>;
const ownNames: Readonly<Record<string, string>> = {};
const knownFields = { input: new WeakMap<z.ZodObject, Fields>(), output: new WeakMap<z.ZodObject, Fields>() };

function fieldsOf(schema: z.ZodObject, direction: Direction, names: Readonly<Record<string, string>>): Fields {
  const found = names === ownNames ? knownFields[direction].get(schema) : undefined;
  if (found) return found;
  const fields = new Map<string, { to: string; schema: z.ZodType }>();
  for (const [name, field] of Object.entries(schema.shape)) {
    const wire = names[name] ?? snakeCase(name);
    if (!(field instanceof z.ZodType)) continue;
    fields.set(direction === 'input' ? wire : name, { to: direction === 'input' ? name : wire, schema: field });
  }
  if (names === ownNames) knownFields[direction].set(schema, fields);
  return fields;
}

/** The schema behind optional, default, nullable and pipe. */
export function unwrap(schema: z.ZodType, direction: Direction = 'input'): z.ZodType {
  let at: unknown = schema;
  for (let depth = 0; depth < 10; depth += 1) {
    if (
      at instanceof z.ZodOptional ||
      at instanceof z.ZodNullable ||
      at instanceof z.ZodDefault ||
      at instanceof z.ZodPrefault
    )
      at = at.unwrap();
    else if (at instanceof z.ZodPipe) at = direction === 'input' ? at.in : at.out;
    else break;
  }
  return at instanceof z.ZodType ? at : schema;
}

/** The names within a schema that REST gives another form, by their own: `topologyId` is `topology_id`. */
export function wireNamesOf(
  schema: z.ZodType,
  names: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  const found = new Map(Object.entries(names));
  const seen = new Set<z.ZodType>();
  const visit = (given: unknown) => {
    if (!(given instanceof z.ZodType) || seen.has(given)) return;
    seen.add(given);
    const inner = conditionOf(given) ?? unwrap(given);
    if (inner instanceof z.ZodArray) visit(inner.element);
    else if (inner instanceof z.ZodUnion) inner.options.forEach(visit);
    else if (inner instanceof z.ZodObject) {
      for (const [name, field] of Object.entries(inner.shape)) {
        if (!found.has(name) && snakeCase(name) !== name) found.set(name, snakeCase(name));
        visit(field);
      }
    }
  };
  visit(schema);
  return found;
}

/** A sentence or a path with the names of REST; what it quotes stays as it is. */
export const inWireNames = (text: string, names: ReadonlyMap<string, string>) =>
  text.replace(/"(?:[^"\\]|\\.)*"|[A-Za-z][A-Za-z0-9]*/g, (word) => names.get(word) ?? word);
