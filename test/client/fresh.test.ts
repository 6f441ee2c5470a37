import type { NexusRouter } from '@topology-nexus/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expect, test } from 'vitest';
import { staleFiles } from '../../server/api/emit-client.ts';
import type { AppRouter } from '../../server/api/router.ts';

type Mutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

// The compiler holds these: a type that the generator printed wrong makes `true` unassignable.
const sameInputs: Mutual<inferRouterInputs<AppRouter>, inferRouterInputs<NexusRouter>> = true;
const sameOutputs: Mutual<inferRouterOutputs<AppRouter>, inferRouterOutputs<NexusRouter>> = true;

test('what is written from the contracts is as they are: run npm run generate', () => {
  expect(staleFiles()).toEqual([]);
  expect(sameInputs && sameOutputs).toBe(true);
});
