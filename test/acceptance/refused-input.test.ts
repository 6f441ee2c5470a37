import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '../../server/features/nouns.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';

let nexus: Nexus;
beforeAll(async () => {
  nexus = await startNexus();
});
afterAll(() => nexus[Symbol.asyncDispose]());

const Problem = z.object({
  detail: z.string(),
  details: z.object({
    field: z.string(),
    issues: z.array(z.object({ field: z.string(), problem: z.string(), value: z.unknown().optional() })),
  }),
});

async function refused(method: string, path: string, body?: unknown) {
  const response = await nexus.rest(method, `/api${path}`, body);
  expect(response.status).toBe(400);
  return Problem.parse(await response.json());
}

/** Every object within what a procedure takes. */
function objectsOf(schema: unknown, seen = new Set<z.ZodType>()): z.ZodObject[] {
  if (!(schema instanceof z.ZodType) || seen.has(schema)) return [];
  seen.add(schema);
  const within = (parts: readonly unknown[]) => parts.flatMap((part) => objectsOf(part, seen));
  if (schema instanceof z.ZodObject) return [schema, ...within(Object.values(schema.shape))];
  if (schema instanceof z.ZodArray) return within([schema.element]);
  if (schema instanceof z.ZodUnion) return within(schema.options);
  if (schema instanceof z.ZodPipe) return within([schema.in]);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return within([schema.unwrap()]);
  }
  return [];
}

describe('what a contract refuses', () => {
  test('is no field that it does not have, in any procedure: none is passed over in silence', () => {
    // Free JSON says so: its catchall takes anything.
    const open = routes.flatMap(({ procedure, declaredInput }) =>
      objectsOf(declaredInput)
        .filter((one) => one.def.catchall === undefined)
        .map((one) => `${procedure}: { ${Object.keys(one.shape).join(', ')} }`),
    );
    // A finding is what another procedure answered, which may say more than is needed.
    expect(open).toEqual(['system.repair: { problem, place, key, workspaceId, detail, repair }']);
  });

  test.each([
    [
      { name: 't', architecture: 'x', config: { layers: 60 } },
      'config.layers',
      'config.layers is 60: give at most 50.',
    ],
    [{ name: 't' }, 'architecture', 'architecture is missing: give text.'],
    [{ name: 't', architecture: 4 }, 'architecture', 'architecture is 4: give text.'],
    [{ name: 't', architecture: 'x', created_by: {} }, 'created_by', 'created_by is an object: give a number or text.'],
    [{ name: 'n'.repeat(300), architecture: 'x' }, 'name', 'name has 300 characters: give at most 200 characters.'],
  ])('is told by its field, what was given, and the remedy: %j', async (body, field, detail) => {
    const problem = await refused('POST', '/topologies', body);
    expect(problem).toMatchObject({ detail, details: { field } });
  });

  test('is told by the names of REST, and quotes the value as it came', async () => {
    const problem = await refused('POST', '/context', { type: 'note', data: 'x', topology_id: 'topologyId' });
    expect(problem.details).toMatchObject({ field: 'topology_id', issues: [{ value: 'topologyId' }] });
    expect(problem.detail).toMatch(/^topology_id is "topologyId": must be an id/);
  });

  test('names the fields that there are beside the one that there is not', async () => {
    const problem = await refused('POST', '/topologies', { name: 't', architecture: 'x', descripton: 'lost' });
    expect(problem.details.field).toBe('descripton');
    expect(problem.detail).toContain('there is no such field; there are name, description, architecture');
    expect(await refused('GET', '/topologies?limt=5')).toMatchObject({ details: { field: 'limt' } });
  });

  test('does not repeat a password or a token', async () => {
    const problem = await refused('POST', '/invitations/accept', { token: 't', username: 'u', password: 'hush' });
    expect(JSON.stringify(problem)).not.toContain('hush');
    expect(problem.detail).toMatch(/^password: give at least \d+ characters/);
  });

  test('changes nothing', async () => {
    const name = 'never-made';
    await refused('POST', '/topologies', { name, architecture: 'x', colour: 'blue' });
    expect((await nexus.as(nexus.token).topologies.list.query({ name })).items).toEqual([]);
  });
});
