import { z } from 'zod';

/** A tree of conditions. What a condition may be, each feature says. */
export type Filter<Condition> =
  | { and: Filter<Condition>[] }
  | { or: Filter<Condition>[] }
  | { not: Filter<Condition> }
  | Condition;

const maxDepth = 10;
const maxNodes = 200;
const operators = new Set(['and', 'or', 'not']);

/**
 * The contract of a tree whose leaves are `condition`, at most 10 levels deep and of at most 200 nodes. `id` names the
 * type of the tree in the client. A leaf must have a field that is none of `and`, `or` and `not`.
 */
export function filterOf<Condition extends z.ZodObject>(
  id: string,
  condition: Condition,
): z.ZodType<Filter<z.infer<Condition>>, Filter<z.input<Condition>>> {
  const conditionName = z.globalRegistry.get(condition)?.id;
  if (!conditionName) throw new Error(`The conditions of ${id} need a name, by .meta({ id }).`);
  // By hand: a union that tries every branch would answer a wrong condition with the errors of all of them.
  return z
    .custom<Filter<z.input<Condition>>>()
    .transform((given, context): Filter<z.infer<Condition>> => {
      let nodes = 0;
      const refuse = (path: readonly (string | number)[], message: string) => {
        context.issues.push({ code: 'custom', message, input: given, path: [...path] });
        return z.NEVER;
      };
      const read = (node: unknown, path: readonly (string | number)[], depth: number): Filter<z.infer<Condition>> => {
        nodes += 1;
        if (nodes > maxNodes) return refuse(path, `must have at most ${maxNodes} conditions`);
        if (depth > maxDepth) return refuse(path, `must be nested at most ${maxDepth} levels deep`);
        if (typeof node !== 'object' || node === null)
          return refuse(path, 'must be a condition, or { and }, { or }, { not }');
        const [key = '', ...others] = Object.keys(node);
        const isAlone = others.length === 0;
        if (isAlone && (key === 'and' || key === 'or')) {
          const parts: unknown = Reflect.get(node, key);
          if (!Array.isArray(parts) || parts.length === 0)
            return refuse([...path, key], 'must be a list of one filter or more');
          if (parts.length > maxNodes) return refuse([...path, key], `must have at most ${maxNodes} conditions`);
          const inner = parts.map((part, at) => read(part, [...path, key, at], depth + 1));
          return key === 'and' ? { and: inner } : { or: inner };
        }
        if (isAlone && key === 'not') return { not: read(Reflect.get(node, key), [...path, key], depth + 1) };
        const operator = [key, ...others].find((one) => operators.has(one));
        if (operator !== undefined)
          return refuse(path, `must have \`${operator}\` alone; join it and the others by { and: [ … ] }`);
        const parsed = condition.safeParse(node);
        if (parsed.success) return parsed.data;
        for (const issue of parsed.error.issues) {
          if (issue.code === 'invalid_union') {
            // Keeps the issues of each form of the union; the answer chooses among them.
            context.issues.push({ ...issue, input: given, path: [...path, ...issue.path.map(String)] });
            continue;
          }
          const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
          refuse([...path, ...issue.path.map(String), ...unknown], issue.message);
        }
        return z.NEVER;
      };
      return read(given, [], 0);
    })
    .meta({
      id,
      conditionOfTree: condition,
      description: 'Conditions, joined by and, or and not; at most 10 levels, 200 conditions.',
    });
}
