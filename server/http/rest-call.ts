import { z } from 'zod';
import { invalidInput, NexusError } from '../errors.ts';
import { boundedJson } from '../procedure/bounded-json.ts';
import type { Route } from '../procedure/route.ts';
import { renamed, snakeCase, unwrap, wireNamesOf } from '../procedure/wire-names.ts';
import { answer } from './answer.ts';
import type { Context } from './context.ts';
import { toNexusError } from './error-mapping.ts';
import { problemOf, withWireNames } from './problem.ts';

/** The parts of a request that a call takes its input from. */
export type RestRequest = {
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  queries(): Readonly<Record<string, readonly string[]>>;
  /** Parameters of the path. */
  params: Readonly<Record<string, string>>;
  /** Empty where none is read. */
  body: string;
};

export type RestAnswer = {
  status: number;
  contentType: string;
  body: string;
  headers: Readonly<Record<string, string>>;
};

/** A query or a mutation as REST calls it, by whatever it came. */
export type RestCall = {
  route: Route;
  hasBody: boolean;
  /** Never rejects: what goes wrong is a problem too. */
  answer(ctx: Context, request: RestRequest): Promise<RestAnswer>;
  refuse(error: unknown, requestId: string): RestAnswer;
};

/** Undefined for a subscription. */
export function restCallOf(route: Route): RestCall | undefined {
  if (route.type === 'subscription') return undefined;
  const names = namesOf(route);
  const readInput = inputReader(route);
  const refuse = (error: unknown, requestId: string) => problemOf(withWireNames(toNexusError(error), names), requestId);
  return {
    route,
    hasBody: hasBody(route),
    refuse,
    async answer(ctx, request) {
      const { requestId } = ctx;
      const wrong = wrongMediaType(request, route);
      if (wrong) return problemOf(wrong, requestId, 415);
      try {
        const result = await answer(route, ctx, () => readInput(request));
        if ('error' in result) return refuse(result.error, requestId);
        const body = JSON.stringify(renamed(route.output, result.data, 'output'));
        const headers = { 'x-request-id': requestId };
        return { status: route.definition.status ?? 200, contentType: 'application/json', body, headers };
      } catch (error) {
        return refuse(error, requestId);
      }
    },
  };
}

/** The names of REST for those of the contract, in what is refused. */
export const namesOf = ({ input, output, definition: { names } }: Route): ReadonlyMap<string, string> =>
  new Map([...wireNamesOf(output), ...wireNamesOf(input, names)]);

const hasBody = ({ method }: Route) => method !== 'GET' && method !== 'DELETE';

/** Why a body is not read: it says that it is something else than JSON. One that says nothing is taken for JSON. */
function wrongMediaType({ header, body }: RestRequest, route: Route): NexusError | undefined {
  const mediaType = header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (!hasBody(route) || !mediaType || /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType)) return undefined;
  if (body === '') return undefined;
  const message = `The body is ${mediaType}; send JSON, with the header "Content-Type: application/json".`;
  return invalidInput('body', message, { value: mediaType });
}

/** Reads what the contract of a route takes from a request, each of its fields under the name that the contract has. */
export function inputReader(route: Route): (request: RestRequest) => unknown {
  const { names } = route.definition;
  const fields = new Map<string, z.ZodType>();
  for (const [key, schema] of Object.entries(route.input.shape)) {
    if (schema instanceof z.ZodType) fields.set(names?.[key] ?? snakeCase(key), unwrap(schema));
  }
  return (request) => {
    const read = hasBody(route) ? fromBody(request.body) : fromQueries(fields, request.queries());
    for (const [name, text] of Object.entries(request.params)) {
      const value = fromText(fields.get(name), name, [text]);
      if (Object.hasOwn(read, name) && String(read[name]) !== String(value)) {
        throw invalidInput(name, `${name} is ${JSON.stringify(value)} in the path; leave it out elsewhere.`);
      }
      read[name] = value;
    }
    if (route.type === 'subscription') read.last_event_id = request.header('last-event-id') ?? read.last_event_id;
    return renamed(route.input, read, 'input', names);
  };
}

const JsonObject = z.record(z.string(), z.unknown());

function fromBody(text: string): Record<string, unknown> {
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalidInput(
      'body',
      'The body is not JSON; send an object with the header "Content-Type: application/json".',
    );
  }
  const parsed = JsonObject.safeParse(boundedJson(body));
  if (!parsed.success) throw invalidInput('body', 'The body must be a JSON object.');
  return parsed.data;
}

/** Query text as the schema's kind of value; what does not fit stays text, for the contract to refuse by its name. */
function fromQueries(
  fields: ReadonlyMap<string, z.ZodType>,
  queries: Readonly<Record<string, readonly string[]>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, all]) => [name, fromText(fields.get(name), name, all)]),
  );
}

function fromText(inner: z.ZodType | undefined, name: string, all: readonly string[]): unknown {
  const [text = '', ...others] = all;
  if (!inner) return text;
  if (inner instanceof z.ZodArray) return text === '' && others.length === 0 ? [] : all;
  if (others.length > 0) throw invalidInput(name, `${name} is given ${all.length} times: give it once.`);
  if (inner instanceof z.ZodNumber && numberText.test(text)) return Number(text);
  if (inner instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  if (text.startsWith('{') && !(inner instanceof z.ZodString)) return fromJson(name, text);
  return text;
}

/** A number as JSON writes it, which says nothing of spaces and of 0x10. */
const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** An object, such as a tree of conditions, stands in a query as JSON. */
function fromJson(name: string, text: string): unknown {
  try {
    return boundedJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof NexusError) throw error;
    throw invalidInput(name, `${name} is no JSON; write an object such as {"tag":"baseline"}, percent-encoded.`);
  }
}
