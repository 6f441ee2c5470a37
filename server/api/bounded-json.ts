import { invalidInput } from '../errors.ts';
import { untypedInput } from './typed-input.ts';

const maxDepth = 120;

/**
 * The value as it is, where a walk that calls itself may take it: at most 120 deep, which is more than any contract takes, and without the key `__proto__`, which
 * would be a prototype to code that copies names. Throws `invalid_input`.
 */
export function boundedJson<Value>(value: Value): Value {
  const queue: { at: unknown; depth: number }[] = [{ at: value, depth: 0 }];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { at, depth } = next;
    if (typeof at !== 'object' || at === null) continue;
    if (depth > maxDepth) {
      throw invalidInput('input', `The input is nested deeper than ${maxDepth} levels; send a flatter one.`, {
        maxDepth,
      });
    }
    if (Array.isArray(at)) {
      for (const part of at) if (typeof part === 'object') queue.push({ at: part, depth: depth + 1 });
      continue;
    }
    for (const [key, part] of Object.entries(at)) {
      if (key === '__proto__') throw invalidInput('input', 'The input has a field "__proto__"; give it another name.');
      if (typeof part === 'object') queue.push({ at: part, depth: depth + 1 });
    }
  }
  return value;
}

/**
 * What a tRPC call brought, as JSON: what its "meta" says that parts of it are is for `typedInput` to apply. The format's own
 * references are left out: its text is whole without them, and with them a few bytes could make a value that contains itself.
 * Throws `invalid_input` for what is not of the format.
 */
export function receivedInput(value: unknown): unknown {
  boundedJson(value);
  if (typeof value !== 'object' || value === null || !('json' in value)) {
    throw invalidInput('input', 'The input is not superjson; send {"json": …}, or use REST below /api.');
  }
  const values: unknown = 'meta' in value && Object(value.meta).values;
  return values ? untypedInput(value.json, values) : value.json;
}
