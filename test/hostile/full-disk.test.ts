import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { noSmallDisk, startOnSmallDisk } from '../support/small-disk.ts';

vi.setConfig({ testTimeout: 120_000 });
const patient = { timeout: 20_000, interval: 100 };
const Health = z.object({
  status: z.string(),
  stores: z.record(z.string(), z.object({ status: z.string(), error: z.string().nullable() })),
});
const Problem = z.object({ title: z.string() });

async function asked(url: string, token: string | undefined, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, answer, reason: Problem.safeParse(answer).data?.title };
}

const fill = 'cat /dev/zero > filler 2>/dev/null';
const free = 'rm -f filler';
const aTopology = { name: 'on a small disk', architecture: 'gnn' };
const aNote = (topologyId: number) => ({ topology_id: topologyId, type: 'note', data: 'x'.repeat(20_000) });

test.skipIf(noSmallDisk)(
  'with the disk full each store says so and reads go on, health tells it, and all of it works by itself when there is room',
  async () => {
    await using server = await startOnSmallDisk('400m');
    const { url, token } = await server.ready();
    const call = (method: string, path: string, body?: unknown) => asked(url, token, method, path, body);
    const health = async () => {
      const { answer } = await call('GET', 'health');
      return Health.parse(answer);
    };
    const { answer } = await call('POST', 'topologies', aTopology);
    const { id } = z.object({ id: z.number() }).parse(answer);
    const note = await call('POST', 'context', aNote(id));
    expect(note.status).toBe(201);

    for (let round = 0; round < 3; round += 1) {
      await server.run(fill);
      await expect
        .poll(async () => (await health()).stores, patient)
        .toMatchObject({
          postgres: { status: 'unhealthy', error: expect.stringContaining('disk is full') },
          objects: { status: 'unhealthy', error: expect.stringContaining('disk is full') },
          documents: { status: 'unhealthy', error: expect.stringContaining('disk is full') },
        });
      const written = await Promise.all([
        call('POST', 'topologies', aTopology),
        call('POST', 'context', aNote(id)),
        call('POST', 'logs', { name: 'log', data: 'x'.repeat(100_000) }),
      ]);
      expect(written.map(({ status, reason }) => [status, reason])).toEqual(
        written.map(() => [507, 'insufficient_storage']),
      );
      const read = await Promise.all(['topologies', 'context', `topologies/${id}`].map((path) => call('GET', path)));
      expect(read.map(({ status }) => status)).toEqual([200, 200, 200]);

      await server.run(free);
      await expect.poll(async () => (await health()).status, patient).toBe('healthy');
      expect((await call('POST', 'topologies', aTopology)).status).toBe(201);
      expect((await call('POST', 'context', aNote(id))).status).toBe(201);
      expect((await call('GET', 'context')).status).toBe(200);
    }
    expect(server.child.exitCode).toBeNull();
  },
);

test.skipIf(noSmallDisk)(
  'writers on a disk that is filled under them get an answer each, and work by themselves when there is room',
  async () => {
    await using server = await startOnSmallDisk('400m');
    const { url, token } = await server.ready();
    const call = (method: string, path: string, body?: unknown) => asked(url, token, method, path, body);
    const { answer } = await call('POST', 'topologies', aTopology);
    const { id } = z.object({ id: z.number() }).parse(answer);
    const kept: string[] = [];
    let isOver = false;
    const write = async () => {
      while (!isOver) {
        const { status, answer } = await call('POST', 'context', aNote(id));
        expect([201, 503, 507]).toContain(status);
        if (status === 201) kept.push(z.object({ id: z.string() }).parse(answer).id);
      }
    };
    const writers = [write(), write(), write()];
    for (let round = 0; round < 3; round += 1) {
      const before = kept.length;
      await expect.poll(() => kept.length, patient).toBeGreaterThan(before + 5);
      await server.run(fill);
      await expect.poll(async () => (await call('POST', 'context', aNote(id))).status, patient).toBe(507);
      await server.run(free);
      await expect.poll(async () => (await call('POST', 'context', aNote(id))).status, patient).toBe(201);
    }
    isOver = true;
    await Promise.all(writers);
    for (const one of kept) expect((await call('GET', `context/${one}`)).status, one).toBe(200);
  },
);

test.skipIf(noSmallDisk).each([
  { name: 'too small a disk', size: '40m', before: '', says: /MB free; 72 MB are needed/ },
  { name: 'a full disk', size: '300m', before: fill, says: /disk of .* has 0 MB free|cannot be (?:locked|written to)/ },
  {
    name: 'a directory to read only',
    size: '300m',
    before: 'mount -o remount,ro .',
    says: /can(?:not)? be (?:locked|written)/,
  },
  { name: 'few open files', size: '300m', before: 'ulimit -n 64', says: /may open 64 files; .* need 256/ },
])('a first start on $name is one line that says what to do, and no stack', async ({ size, before, says }) => {
  await using server = await startOnSmallDisk(size, before);
  expect(await server.ended).toBe(1);
  expect(server.errors()).toMatch(says);
  expect(server.errors().trim().split('\n')).toHaveLength(1);
});
