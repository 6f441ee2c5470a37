import type { z } from 'zod';
import type { Reason } from '../errors.ts';
import type { Rule } from './role.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Everything about a procedure that is said beside its verb. */
export type Terms = {
  role: Rule;
  /** Whether the verb gives some callers of that role less: an editor what is the editor's own. */
  ownOnly?: boolean;
  /** The route by REST, below `/api`, with `{snake_case}` parameters: `GET /topologies/{id}`. */
  rest: `${Method} /${string}`;
  /** Other paths of the same procedure: `/experiments/by_topology/{topology_id}`. */
  alsoPaths?: readonly string[];
  /** Names that a field has by REST instead of its own in snake_case: `{ text: 'q' }`. */
  names?: Readonly<Record<string, string>>;
  /** 201 where something is made. */
  status?: 200 | 201;
  /** A body that works, for the reference. */
  example?: Readonly<Record<string, unknown>>;
  /** The most of a body that is read, in MiB; 20 where it is not given. A batch may have the sum of its calls, 64 at most. */
  bodyMiB?: number;
  /** One sentence for the reference and for the client's docstring. */
  does: string;
  /** The reasons for which it refuses well-formed input, beside those of every call; `not_found` only where no id tells it. */
  refuses?: Partial<Readonly<Record<Reason, string>>>;
};

/** An item of a subscription, and the id from which a client that comes back goes on. */
export type Tracked<Item> = { id: string; item: Item };

/** A procedure as data. Everything that is known of it is read from here. */
export type Definition = Terms & {
  type: 'query' | 'mutation' | 'subscription';
  input: z.ZodType;
  /** A subscription's is the schema of its items. */
  output: z.ZodType;
  run(call: { ctx: object; input: unknown }): unknown;
};

type Typed<Type extends Definition['type'], Input extends z.ZodType, Output extends z.ZodType> = Definition & {
  type: Type;
  input: Input;
  output: Output;
};

type Of<R extends Rule, Ctx, Actor, Input extends z.ZodType, Output extends z.ZodType, Result> = Terms & {
  role: R;
  input: Input;
  output: Output;
  run(call: { ctx: Ctx & { actor: R extends 'anyone' ? Actor | undefined : Actor }; input: z.output<Input> }): Result;
};

/** The three kinds of procedure, for verbs that take `Ctx` and, but for anyone's, a known actor. */
export function kindsOf<Ctx, Actor>() {
  return {
    query: <R extends Rule, I extends z.ZodType, O extends z.ZodType>(
      definition: Of<R, Ctx, Actor, I, O, z.input<O> | Promise<z.input<O>>>,
    ): Typed<'query', I, O> => ({ type: 'query', ...definition }),
    mutation: <R extends Rule, I extends z.ZodType, O extends z.ZodType>(
      definition: Of<R, Ctx, Actor, I, O, z.input<O> | Promise<z.input<O>>>,
    ): Typed<'mutation', I, O> => ({ type: 'mutation', ...definition }),
    /** Its input has `lastEventId`, the id of the item that its caller saw last; `signal` ends with its caller. */
    subscription: <R extends Rule, I extends z.ZodType, O extends z.ZodType>(
      definition: Of<R, Ctx & { signal: AbortSignal }, Actor, I, O, AsyncIterable<Tracked<z.input<O>>>>,
    ): Typed<'subscription', I, O> => ({ type: 'subscription', ...definition }),
  };
}
