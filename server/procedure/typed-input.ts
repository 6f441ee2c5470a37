import { z } from 'zod';
import { invalidInput, type NexusError } from '../errors.ts';
import { decodeColumn, decodeVector } from './transformer.ts';

/**
 * Key under which an input keeps its superjson types until its contract is known. Code that copies fields copies it
 * too.
 */
const sentTypes = Symbol('sent types');
/** Types that superjson states by path, such as `points.0.time`. */
type SentTypes = Readonly<Record<string, unknown>>;

const unfit = () => invalidInput('input', 'The input’s superjson "meta" does not fit its "json"; use the client.');

/** Input sent by tRPC, with its `values` not applied yet. Throws `invalid_input` where no contract could take them. */
export function untypedInput(json: unknown, values: unknown): unknown {
  // A call without an input.
  if (Array.isArray(values) && values.length === 1 && values[0] === 'undefined') return undefined;
  if (!isObject(json) || Array.isArray(json) || !isObject(values) || Array.isArray(values)) throw unfit();
  return Object.assign(json, { [sentTypes]: values });
}

/**
 * The input as its contract reads it: where its sender said that a text is a date, a vector, a column or a number that JSON has
 * not, and the contract takes one there, it becomes one, in its place. What the sender says of fields that the contract does
 * not have is passed over. Throws `invalid_input` with the field where the contract takes no such thing.
 */
export function typedInput(input: unknown, contract: z.ZodType): unknown {
  if (!isObject(input)) return input;
  const types: SentTypes | undefined = Reflect.get(input, sentTypes);
  if (types === undefined) return input;
  // No field of it, and not to be applied twice.
  Reflect.deleteProperty(input, sentTypes);
  for (const [path, given] of Object.entries(types)) apply(input, path, nameOfType(given), contract);
  return input;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Ignores what a list says of types within a container: no contract takes one. */
function nameOfType(given: unknown): string {
  const [type]: unknown[] = Array.isArray(given) ? given : [];
  const name: unknown = Array.isArray(type) ? type.at(-1) : type;
  if (typeof name !== 'string') throw unfit();
  return name;
}

const maxPathParts = 120;
const maxShownCharacters = 200;

function apply(input: object, path: string, type: string, contract: z.ZodType): void {
  let json: unknown = input;
  let parent: object = input;
  let last = '';
  let places = [contract];
  let isCheckedLater = false;
  for (const key of keysOf(path)) {
    [parent, last] = [partWith(json, key), key];
    json = Reflect.get(parent, key);
    places = places.flatMap((place) => within(place, key));
    isCheckedLater ||= places.some((place) => place.meta()?.checkedLater !== undefined);
  }
  // No such field, which the contract itself says best.
  if (places.length === 0) return;
  const decode = type === 'undefined' || places.some((place) => takes(place, type)) ? decoders.get(type) : undefined;
  const value = decode ? decode(json) : untaken;
  // A verb that checks its items one by one refuses the item there: no contract takes a symbol.
  if (value === untaken && !isCheckedLater) throw notTaken(path.slice(0, maxShownCharacters), type);
  Reflect.set(parent, last, value);
}

function notTaken(field: string, type: string): NexusError {
  const problem = `is sent as superjson's ${JSON.stringify(type.slice(0, maxShownCharacters))}, which is not taken there; give JSON`;
  return invalidInput(field, `${field} ${problem}.`, { issues: [{ field, problem }] });
}

/** The keys of a path, in which superjson escapes "." and "\\". */
function keysOf(path: string): string[] {
  const keys: string[] = [];
  let key = '';
  for (let at = 0; at < path.length; at += 1) {
    const isEscaped = path[at] === '\\';
    if (isEscaped) at += 1;
    const character = path[at] ?? '';
    if (isEscaped && character !== '.' && character !== '\\') throw unfit();
    if (isEscaped || character !== '.') key += character;
    else if (keys.push(key) > maxPathParts) throw unfit();
    else key = '';
  }
  keys.push(key);
  return keys;
}

function partWith(parent: unknown, key: string): object {
  if (!isObject(parent) || !Object.hasOwn(parent, key) || (Array.isArray(parent) && key === 'length')) throw unfit();
  return parent;
}

const untaken = Symbol('what is not taken');
const maxDateCharacters = 64;
const oddNumbers = new Set(['NaN', 'Infinity', '-Infinity', '-0']);

/** All that is ever made of what was sent. None is larger than its text. */
const decoders: ReadonlyMap<string, (json: unknown) => unknown> = new Map<string, (json: unknown) => unknown>([
  ['undefined', () => undefined],
  ['Date', (json) => (typeof json === 'string' && json.length <= maxDateCharacters ? new Date(json) : untaken)],
  ['number', (json) => (typeof json === 'string' && oddNumbers.has(json) ? Number(json) : untaken)],
  ['float32', (json) => numbersOf(json, decodeVector)],
  ['float64', (json) => numbersOf(json, decodeColumn)],
]);

function numbersOf<Numbers>(json: unknown, decode: (base64: string) => Numbers): Numbers | symbol {
  if (typeof json !== 'string') return untaken;
  try {
    return decode(json);
  } catch {
    return untaken;
  }
}

/** The contracts at a key: several where several forms are open, none where there is no such field. */
function within(contract: z.ZodType, key: string): z.ZodType[] {
  const { checkedLater, conditionOfTree } = z.globalRegistry.get(contract) ?? {};
  if (checkedLater instanceof z.ZodType) return within(checkedLater, key);
  // Both the lists of a tree and what is in them are the tree again.
  if (conditionOfTree instanceof z.ZodType) return joins.test(key) ? [contract] : within(conditionOfTree, key);
  const inner = behind(contract);
  if (inner !== contract) return within(inner, key);
  if (contract instanceof z.ZodUnion) return contract.options.flatMap((one) => within(schemaOf(one), key));
  if (contract instanceof z.ZodArray) return [schemaOf(contract.element)];
  if (contract instanceof z.ZodRecord) return [schemaOf(contract.valueType)];
  if (contract instanceof z.ZodObject) {
    const field: unknown = Object.hasOwn(contract.shape, key) ? contract.shape[key] : contract.def.catchall;
    return field instanceof z.ZodType && !(field instanceof z.ZodNever) ? [field] : [];
  }
  // Free JSON goes on.
  return isFree(contract) ? [contract] : [];
}

const joins = /^(?:and|or|not|\d+)$/;

/** Whether a contract has a use for a type where it stands. */
function takes(contract: z.ZodType, type: string): boolean {
  const { transformed } = z.globalRegistry.get(contract) ?? {};
  const inner = behind(contract);
  if (inner !== contract) return takes(inner, type);
  if (contract instanceof z.ZodUnion) return contract.options.some((one) => takes(schemaOf(one), type));
  if (type === 'Date') return contract instanceof z.ZodDate;
  // Free JSON says by itself which numbers it does not hold.
  if (type === 'number') return contract instanceof z.ZodNumber || isFree(contract);
  return transformed === type;
}

const isFree = (contract: z.ZodType) => contract instanceof z.ZodCustom || contract instanceof z.ZodUnknown;

/** The contract behind one wrapping; itself where there is none. */
function behind(contract: z.ZodType): z.ZodType {
  if (
    contract instanceof z.ZodOptional ||
    contract instanceof z.ZodNullable ||
    contract instanceof z.ZodDefault ||
    contract instanceof z.ZodPrefault
  )
    return schemaOf(contract.unwrap());
  return contract instanceof z.ZodPipe ? schemaOf(contract.in) : contract;
}

const Schema = z.instanceof(z.ZodType);
const schemaOf = (schema: unknown): z.ZodType => Schema.parse(schema);
