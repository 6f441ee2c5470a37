import { randomUUID } from 'node:crypto';
import type { NexusClient } from '@topology-nexus/client';

/** A dataset that no other test has. */
export const aDatasetOf = (client: NexusClient) => client.datasets.create.mutate({ name: `d-${randomUUID()}` });

/** A unit vector of 384 numbers that points mostly along one axis, so that nearness is known by construction. */
export function aVector(axis: number, noise = 0): Float32Array {
  const vector = Float32Array.from({ length: 384 }, (_, at) =>
    at === axis % 384 ? 1 : noise * Math.sin(at * 7.3 + axis),
  );
  const length = Math.hypot(...vector);
  return vector.map((part) => part / length);
}
