import { z } from 'zod';
import { NexusError } from '../errors.ts';

/** A call has at most 2,000 chunks, each of which may be wrong by itself. */
const maxIssues = 2_000;
const maxShownCharacters = 60;

type Issue = { field: string; problem: string; value?: unknown };

/**
 * A contract's refusal as one error: its message names the first field, the value and the remedy; every field
 * is in its details. `input` is what was given, where it is known.
 */
export function refusedInput(error: z.ZodError, input: unknown): NexusError {
  const issues = error.issues
    .flatMap((issue) => plainIssues(issue, []))
    .slice(0, maxIssues)
    .map(({ path, problem }): Issue & { subject: string } => {
      const field = path.map(String).join('.') || 'input';
      const value = isSecret(path, input) ? undefined : valueAt(input, path);
      const isPlain = ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= 100;
      return { field, problem, subject: subjectOf(field, path, input, problem), ...(isPlain && { value }) };
    });
  const [first = { field: 'input', subject: 'input', problem: 'is not valid' }] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, in the details)` : '';
  return new NexusError('invalid_input', `${first.subject}: ${first.problem}${more}.`, {
    details: { field: first.field, issues: issues.map(({ subject: _, ...issue }) => issue) },
    cause: error,
  });
}

/** The remedy of an issue for which its contract has no words of its own. Given to zod as the message of each. */
export function remedyOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `give ${nameOf(String(issue.expected))}`;
    case 'too_big':
    case 'too_small': {
      const isMost = issue.code === 'too_big';
      const bound = isMost ? issue.maximum : issue.minimum;
      if (issue.exact) return `give exactly ${bound}${unitOf(issue.origin, bound)}`;
      const limit = issue.origin === 'date' ? new Date(Number(bound)).toISOString() : bound;
      if (issue.inclusive === false) return `give ${isMost ? 'less' : 'more'} than ${limit}`;
      return `give at ${isMost ? 'most' : 'least'} ${limit}${unitOf(issue.origin, bound)}`;
    }
    case 'invalid_format':
      return issue.format === 'regex'
        ? `give text that matches ${issue.pattern}`
        : `give ${formats[String(issue.format)] ?? `text of the format ${issue.format}`}`;
    case 'not_multiple_of':
      return `give a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `give ${inWords(z.array(z.unknown()).parse(issue.values).map(shown))}`;
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return known.length > 0 ? `there is no such field; there are ${known.join(', ')}` : 'there is no such field';
    }
    default:
      return undefined;
  }
}

type PlainIssue = { path: readonly PropertyKey[]; code: string; problem: string };

/** An issue for each field: of a union those of the form that what was given comes closest to. */
function plainIssues(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): PlainIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], code: issue.code, problem: issue.message }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return [{ path, code: String(issue.code), problem: issue.message }];
  }
  const forms = issue.errors.map((form) => form.flatMap((one) => plainIssues(one, path)));
  const isOfThisForm = (form: readonly PlainIssue[]) =>
    !form.some((one) => one.code === 'invalid_type' && one.path.length === path.length);
  const [closest] = forms.filter(isOfThisForm).sort((a, b) => a.length - b.length);
  if (closest) return closest;
  const remedies = new Set(forms.flatMap((form) => form.map(({ problem }) => problem.replace(/^give /, ''))));
  return [{ path, code: 'invalid_type', problem: `give ${inWords([...remedies])}` }];
}

/** "limit is 500", "name has 300 characters", "architecture is missing"; the field alone where no more may be said. */
function subjectOf(field: string, path: readonly PropertyKey[], input: unknown, problem: string): string {
  if (input === undefined || isSecret(path, input)) return field;
  const value = valueAt(input, path);
  if (value === undefined) return `${field} is missing`;
  // A contract's own words say what of it is wrong.
  const isSized = Array.isArray(value) || (typeof value === 'string' && value.length > maxShownCharacters);
  if (isSized && !problem.startsWith('give ')) return field;
  if (Array.isArray(value)) return `${field} has ${value.length} items`;
  if (typeof value === 'string' && value.length > maxShownCharacters) return `${field} has ${value.length} characters`;
  return `${field} is ${shown(value)}`;
}

const secretName = /password|secret|token/i;
const secretShape = /\b(?:nexus|invite)_[\w-]{43}/;

/**
 * Recognises a secret by its name, by its shape, or as text beside a secret: a caller who mixes fields up is not shown
 * a password.
 */
function isSecret(path: readonly PropertyKey[], input: unknown): boolean {
  if (path.some((part) => secretName.test(String(part)))) return true;
  const value = valueAt(input, path);
  if (typeof value !== 'string') return false;
  const isBesideSecret = Object.keys(Object(input)).some((name) => /^(?:password|secret|token)$/i.test(name));
  return isBesideSecret || secretShape.test(value);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let at = input;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = Reflect.get(at, part);
  }
  return at;
}

function shown(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** "a, b or c". */
const inWords = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  date: 'a date',
  null: 'null',
  undefined: 'nothing',
};
const nameOf = (type: string) => typeNames[type] ?? `a ${type}`;

function unitOf(origin: unknown, count: unknown): string {
  const [one, many] = { string: [' character', ' characters'], array: [' item', ' items'] }[String(origin)] ?? ['', ''];
  return (Number(count) === 1 ? one : many) ?? '';
}

const formats: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  uuid: 'a UUID',
  url: 'a URL',
  datetime: 'a date and time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  base64: 'base64',
};
