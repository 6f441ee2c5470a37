import { invalidInput } from '../errors.ts';
import { untypedInput } from './typed-input.ts';

const maxDepth = 120;
const maxFieldCharacters = 200;

type Place = { at: unknown; depth: number; key: string; above: Place | undefined };

/**
 * The value as it is, where a walk that calls itself may take it: at most 120 deep, which is more than any contract takes, and without the key `__proto__`, which
 * would be a prototype to code that copies names. Throws `invalid_input` with the field.
 */
export function boundedJson<Value>(value: Value): Value {
  const queue: Place[] = [{ at: value, depth: 0, key: '', above: undefined }];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { at, depth } = next;
    if (typeof at !== 'object' || at === null) continue;
    if (depth > maxDepth) {
      const field = fieldOf(next, 1);
      throw invalidInput(field, `${field} is nested deeper than ${maxDepth} levels: give a flatter one.`, { maxDepth });
    }
    if (Array.isArray(at)) {
      for (let key = 0; key < at.length; key += 1)
        if (typeof at[key] === 'object') queue.push({ at: at[key], depth: depth + 1, key: String(key), above: next });
      continue;
    }
    for (const [key, part] of Object.entries(at)) {
      if (key === '__proto__') {
        const field = fieldOf({ at: part, depth: depth + 1, key, above: next }, maxDepth);
        throw invalidInput(field, `${field} has a name that no field may have: give it another one.`);
      }
      if (typeof part === 'object') queue.push({ at: part, depth: depth + 1, key, above: next });
    }
  }
  return value;
}

/** The first keys of a path. */
function fieldOf(place: Place, count: number): string {
  const keys: string[] = [];
  for (let at: Place | undefined = place; at?.above; at = at.above) keys.unshift(at.key);
  return keys.slice(0, count).join('.').slice(0, maxFieldCharacters) || 'input';
}

/**
 * The input of a tRPC call, as JSON; the types in its "meta" are left for `typedInput` to apply. The format's own
 * references are ignored: its text is whole without them, and with them a few bytes could make a value that contains
 * itself. Throws `invalid_input` for anything else than this format.
 */
export function receivedInput(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('json' in value)) {
    throw invalidInput('input', 'The input is not superjson; send {"json": …}, or use REST below /api.');
  }
  boundedJson(value.json);
  const values: unknown = 'meta' in value && Object(value.meta).values;
  return values ? untypedInput(value.json, values) : value.json;
}
