import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isNexusError, type NexusClient } from '@topology-nexus/client';
import type { Model } from './model.ts';

export type Numbers = Record<string, { done: number; failed: number }>;
export type Random = () => number;

/** mulberry32: the same seed, the same choices. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const maxTries = 40;
const pauseMs = 250;

type Load = { client: NexusClient; model: Model; numbers: Numbers; random: Random; run: string; experimentId: string };

/** One operation of the mix. What may be repeated is, until it is acknowledged; the rest is asked for once. */
export async function operate(load: Load, number: number): Promise<void> {
  const kinds: readonly (readonly [number, string, (load: Load, id: string) => Promise<void>])[] = [
    [0.14, 'create topology', createTopology],
    [0.04, 'delete topology', deleteTopology],
    [0.26, 'add note', addNote],
    [0.1, 'upload object', uploadObject],
    [0.16, 'log points', logPoints],
    [1, 'read', read],
  ];
  let chance = load.random();
  for (const [share, name, work] of kinds) {
    if (chance >= share) {
      chance -= share;
      continue;
    }
    load.numbers[name] ??= { done: 0, failed: 0 };
    try {
      await work(load, `${load.run}-${number}`);
      load.numbers[name].done += 1;
    } catch (error) {
      // A refusal that no trouble explains is a defect of the server or of this suite.
      if (!isTrouble(error)) throw error;
      load.numbers[name].failed += 1;
    }
    return;
  }
}

/** Whether an error is what a store or a server that is away makes of a call. */
function isTrouble(error: unknown): boolean {
  if (!isNexusError(error)) return true;
  return ['unavailable', 'timeout', 'internal', 'too_many_requests', 'conflict'].includes(error.data.reason);
}

async function untilAcknowledged<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTrouble(error) || attempt === maxTries) throw error;
      await wait(pauseMs);
    }
  }
}

async function createTopology({ client, model }: Load, id: string): Promise<void> {
  const [name, noteId] = [`t-${id}`, `n-${id}`];
  model.unsureTopologies.set(name, noteId);
  const made = await client.topologies.create.mutate({
    name,
    architecture: 'gnn',
    modules: [{ name: 'adapter' }],
    context: [{ type: 'note', data: `of ${name}`, id: noteId }],
  });
  model.topologies.set(made.id, { name, noteId });
  model.unsureTopologies.delete(name);
}

async function deleteTopology({ client, model, random }: Load): Promise<void> {
  const ids = [...model.topologies.keys()].filter((id) => !model.unsureDeletions.has(id));
  const id = ids[Math.floor(random() * ids.length)];
  if (id === undefined) return;
  model.unsureDeletions.add(id);
  await untilAcknowledged(async () => {
    try {
      await client.topologies.delete.mutate({ id });
    } catch (error) {
      // Done by an attempt whose answer was lost.
      if (!isNexusError(error, 'not_found')) throw error;
    }
  });
  model.deletedTopologies.add(id);
}

async function addNote({ client, model }: Load, id: string): Promise<void> {
  const note = { type: 'note', data: `note ${id}`, id: `c-${id}` };
  model.unsureNotes.add(note.id);
  await untilAcknowledged(() => client.context.add.mutate(note));
  model.notes.add(note.id);
}

async function uploadObject({ client, model, random }: Load, id: string): Promise<void> {
  const bytes = Buffer.alloc(1 + Math.floor(random() * 20_000), id);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const object = await untilAcknowledged(async () => {
    const begun = await client.objects.begin.mutate({
      kind: 'artifact',
      name: `chaos/${id}`,
      sizeBytes: bytes.length,
      sha256,
    });
    if (begun.upload === null) return begun.object;
    if (begun.upload.method !== 'put') throw new Error('A small object goes by PUT.');
    const { url, headers } = begun.upload;
    const signal = AbortSignal.timeout(5_000);
    const sent = await fetch(url, { method: 'PUT', headers, body: bytes, signal });
    await sent.arrayBuffer();
    if (!sent.ok) throw new Error(`The store answered ${sent.status}.`);
    return client.objects.complete.mutate({ id: begun.object.id });
  });
  model.objects.set(object.id, { sizeBytes: bytes.length });
}

async function logPoints({ client, model, experimentId }: Load, id: string): Promise<void> {
  const ids = [0, 1, 2].map((place) => `${id}-${place}`);
  const metrics = ids.map((_, epoch) => ({ epoch, loss: 1 / (epoch + 1) }));
  await untilAcknowledged(() => client.experiments.logMetrics.mutate({ id: experimentId, metrics, ids }));
  for (const one of ids) model.points.add(one);
}

async function read({ client, model, random }: Load): Promise<void> {
  const ids = [...model.topologies.keys()].filter((id) => !model.unsureDeletions.has(id));
  const id = ids[Math.floor(random() * ids.length)];
  if (id === undefined || random() < 0.5) {
    await client.topologies.list.query({ limit: 10 });
    return;
  }
  try {
    const topology = await client.topologies.get.query({ id });
    if (topology.id !== id) throw new TypeError(`Asked for topology ${id}, answered ${topology.id}.`);
  } catch (error) {
    // Deleted while it was asked for.
    if (!(isNexusError(error, 'not_found') && model.unsureDeletions.has(id))) throw error;
  }
}
