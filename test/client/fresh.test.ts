import type { NexusRouter } from '@topology-nexus/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { nouns } from '../../server/features/nouns.ts';
import { staleFiles } from '../../server/published/emit-client.ts';

type Mutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Nouns = typeof nouns;
/** The inputs and the outputs by the contracts themselves, each as the client's router has it. */
type Inputs = { [N in keyof Nouns]: { [V in keyof Nouns[N]]: InputOf<Nouns[N][V]> } };
type Outputs = { [N in keyof Nouns]: { [V in keyof Nouns[N]]: OutputOf<Nouns[N][V]> } };
type InputOf<P> = P extends { input: infer I extends z.ZodType } ? Exclude<z.input<I>, undefined> : never;
type OutputOf<P> = P extends { type: infer T; output: infer O extends z.ZodType }
  ? T extends 'subscription'
    ? AsyncIterable<{ id: string; data: z.output<O> }, void, unknown>
    : z.output<O>
  : never;

type ClientInputs = inferRouterInputs<NexusRouter>;
/** An input that may be left out is void too. */
type Given<Verbs> = { [V in keyof Verbs]: Exclude<Verbs[V], void> };

// The compiler holds these: a type that the generator printed wrong makes `true` unassignable.
const sameInputs: Mutual<Inputs, { [N in keyof ClientInputs]: Given<ClientInputs[N]> }> = true;
const sameOutputs: Mutual<Outputs, inferRouterOutputs<NexusRouter>> = true;

test('what is written from the contracts is as they are: run npm run generate', () => {
  expect(staleFiles()).toEqual([]);
  expect(sameInputs && sameOutputs).toBe(true);
});
