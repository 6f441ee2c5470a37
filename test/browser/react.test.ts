import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NexusClient } from '@topology-nexus/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoopbackProxy } from '../support/loopback-proxy.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { openPages } from '../support/page.ts';

let server: Nexus;
let nexus: NexusClient;
let pages: Awaited<ReturnType<typeof openPages>>;
beforeAll(async () => {
  pages = await openPages();
  server = await startNexus({ NEXUS_ORIGINS: pages.origin });
  nexus = server.as(server.token);
}, 120_000);
afterAll(async () => {
  await pages?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function signedIn(url = server.url) {
  const opened = await pages.open();
  await signIn(opened.page, { url });
  return opened;
}
async function signIn(page: Page, { url = server.url, token = server.token }) {
  await page.getByLabel('Server').fill(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
const aTopology = () => nexus.topologies.create.mutate({ name: `t-${randomUUID()}`, architecture: 'transformer' });
const shows = async (page: Page, label: string, text: string) =>
  page
    .getByLabel(label, { exact: true })
    .and(page.getByText(text, { exact: true }))
    .waitFor();
const logLosses = (runId: number, from: number, count: number) =>
  nexus.training.log.mutate({
    runId,
    points: Array.from({ length: count }, (_, at) => ({ key: 'loss', step: from + at, value: 2 / (from + at) })),
  });

test('a list is shown, and read again after a mutation of it', async () => {
  const { name } = await aTopology();
  await using opened = await signedIn();
  const { page, problems } = opened;
  await page.getByRole('button', { name }).waitFor();
  const created = `t-${randomUUID()}`;
  await page.getByLabel('Name').fill(created);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('button', { name: created }).waitFor();
  const { items } = await nexus.topologies.list.query({ name: created });
  expect(items.map((item) => item.name)).toEqual([created]);
  expect(problems).toEqual([]);
});

test('a refusal is shown with the server’s words', async () => {
  await using opened = await signedIn();
  const { page } = opened;
  await page.getByLabel('Name').fill(' ');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toContain('name');
});

test('a curve shows each point that is logged, once, and stands still when the run has finished', async () => {
  const topology = await aTopology();
  const run = await nexus.training.start.mutate({ topologyId: topology.id });
  await logLosses(run.id, 1, 20);
  await using opened = await signedIn();
  const { page, problems } = opened;
  await page.getByRole('button', { name: topology.name }).click();
  await shows(page, 'Points', '20');
  await page.getByText(', live').waitFor();
  await logLosses(run.id, 21, 30);
  await shows(page, 'Points', '50');
  await nexus.training.log.mutate({ runId: run.id, points: [{ key: 'loss', step: 50, value: 0.125 }] });
  await shows(page, 'Last loss', '0.1250');
  await shows(page, 'Points', '50');
  expect((await page.locator('polyline').getAttribute('points'))?.split(' ')).toHaveLength(50);
  await nexus.training.finish.mutate({ id: run.id, status: 'completed' });
  await page.getByText(', live').waitFor({ state: 'detached' });
  await shows(page, 'Run', 'completed');
  await shows(page, 'Points', '50');
  expect(problems).toEqual([]);
});

test('a curve whose connection to the server is cut goes on after the last point that came, with none missing or twice', async () => {
  await using proxy = await startLoopbackProxy(Number(new URL(server.url).port));
  const topology = await aTopology();
  const run = await nexus.training.start.mutate({ topologyId: topology.id });
  await logLosses(run.id, 1, 5);
  await using opened = await signedIn(`http://127.0.0.1:${proxy.port}`);
  const { page } = opened;
  const places: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.url().includes('training.live')) places.push(request.headers()['last-event-id']);
  });
  await page.getByRole('button', { name: topology.name }).click();
  await page.getByText(', live').waitFor();
  await logLosses(run.id, 6, 5);
  await shows(page, 'Points', '10');
  for (const before of [10, 20]) {
    proxy.set({ kind: 'cut' });
    await logLosses(run.id, before + 1, 5);
    proxy.set({ kind: 'pass' });
    await logLosses(run.id, before + 6, 5);
    await shows(page, 'Points', String(before + 10));
  }
  const drawn = (await page.locator('polyline').getAttribute('points'))?.split(' ') ?? [];
  expect(new Set(drawn).size).toBe(30);
  expect(drawn).toHaveLength(30);
  // Each came back by where it was.
  expect(places.filter((place) => place !== undefined).length).toBeGreaterThanOrEqual(2);
});

test('a curve that grows beyond what it may hold is read again, downsampled, and goes on', async () => {
  const topology = await aTopology();
  const run = await nexus.training.start.mutate({ topologyId: topology.id });
  await logLosses(run.id, 1, 5);
  await using opened = await signedIn();
  const { page } = opened;
  await page.getByRole('button', { name: topology.name }).click();
  await page.getByText(', live').waitFor();
  await logLosses(run.id, 6, 5_000);
  await nexus.training.log.mutate({ runId: run.id, points: [{ key: 'loss', step: 5_006, value: 0.0625 }] });
  await shows(page, 'Last loss', '0.06250');
  await expect.poll(async () => Number(await page.getByLabel('Points').textContent())).toBeLessThanOrEqual(501);
});

test('context is shown as others add and delete it', async () => {
  const topology = await aTopology();
  const first = await nexus.context.add.mutate({ type: 'training_note', data: 'the first', topologyId: topology.id });
  await using opened = await signedIn();
  const { page, problems } = opened;
  await page.getByRole('button', { name: topology.name }).click();
  await page.getByText('the first').waitFor();
  await page.getByLabel('Context').getByText('live').waitFor();
  await nexus.context.add.mutate({ type: 'training_note', data: 'by somebody else', topologyId: topology.id });
  await page.getByText('by somebody else').waitFor();
  await page.getByLabel('Note').fill('by the page');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('by the page').waitFor();
  await nexus.context.delete.mutate({ id: first.id });
  await page.getByText('the first').waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

/** Holds what the page sends to the object store until it is let go. */
async function holdBytes(page: Page) {
  const held = Promise.withResolvers<void>();
  const isStore = ({ origin }: URL) => origin !== pages.origin && origin !== server.url;
  await page.route(isStore, (route) => (route.request().method() === 'PUT' ? held.resolve() : route.continue()));
  return { held: held.promise, letGo: () => page.unroute(isStore) };
}
const aFile = () => ({
  name: `${randomUUID()}.bin`,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(randomUUID()),
});
const objectsOf = async (name: string) =>
  (await nexus.objects.list.query({ limit: 200 })).items.filter(({ key }) => key.endsWith(name));

/** Notes what the page tells of an upload, as it changes: its phase, and how full the bar is. */
async function noteProgress(page: Page) {
  // It is there once the page knows who is signed in.
  await page.locator('[aria-label=Files]').waitFor();
  await page.evaluate(`
    window.told = [];
    const files = document.querySelector('[aria-label=Files]');
    const note = () => {
      const { value, max } = files.querySelector('progress');
      told.push([files.querySelector('output').textContent, value / max]);
    };
    new MutationObserver(note).observe(files, { subtree: true, childList: true, characterData: true, attributes: true });
  `);
  return () => page.evaluate<[phase: string, done: number][]>('told');
}

test('a file is uploaded whole, with its progress, and the list of files is read again', async () => {
  const file = { ...aFile(), buffer: Buffer.alloc(20 * 1024 * 1024, randomUUID()) };
  await using opened = await signedIn();
  const { page, problems } = opened;
  const told = await noteProgress(page);
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await shows(page, 'Upload', 'done');
  const phases = (await told()).map(([phase]) => phase);
  const [hashing, sending, done] = ['hashing', 'sending', 'done'].map((phase) => phases.indexOf(phase));
  expect([hashing, sending, done]).toEqual([hashing, sending, done].sort((a = -1, b = -1) => a - b));
  expect(hashing).toBeGreaterThanOrEqual(0);
  const sent = (await told()).flatMap(([phase, part]) => (phase === 'sending' ? [part] : []));
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent.some((part) => part > 0)).toBe(true);
  await page.getByRole('listitem').filter({ hasText: file.name }).waitFor();
  const [object] = await objectsOf(file.name);
  expect(object?.status).toBe('ready');
  expect(Buffer.from(await nexus.downloads.bytes(object?.id ?? '')).equals(file.buffer)).toBe(true);
  expect(problems).toEqual([]);
});

test('an upload that is paused sends nothing, and is done when it is resumed', async () => {
  const file = aFile();
  await using opened = await signedIn();
  const { page } = opened;
  const { held, letGo } = await holdBytes(page);
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await held;
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await shows(page, 'Upload', 'paused');
  expect((await objectsOf(file.name))[0]?.status).toBe('pending');
  await letGo();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await shows(page, 'Upload', 'done');
  const [object] = await objectsOf(file.name);
  expect(Buffer.from(await nexus.downloads.bytes(object?.id ?? '')).equals(file.buffer)).toBe(true);
});

test('an upload whose page is left is paused, and the same file goes on when it is chosen again', async () => {
  const file = aFile();
  await using opened = await signedIn();
  const { page, problems } = opened;
  const { held, letGo } = await holdBytes(page);
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await held;
  const [begun] = await objectsOf(file.name);
  expect(begun?.status).toBe('pending');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await letGo();
  await signIn(page, {});
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await shows(page, 'Upload', 'done');
  expect((await objectsOf(file.name)).map(({ id, status }) => [id, status])).toEqual([[begun?.id, 'ready']]);
  expect(problems).toEqual([]);
});

test('another person who signs in sees nothing of the one before', async () => {
  const { name } = await aTopology();
  await using opened = await signedIn();
  const { page } = opened;
  await page.getByRole('button', { name }).waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await signIn(page, { token: 'nexus_nobody' });
  await page.getByRole('alert').first().waitFor();
  expect(await page.getByRole('button', { name }).count()).toBe(0);
});

test('a curve that cannot be read at first comes by itself when it can', async () => {
  const topology = await aTopology();
  const run = await nexus.training.start.mutate({ topologyId: topology.id });
  await logLosses(run.id, 1, 5);
  await using opened = await signedIn();
  const { page } = opened;
  await page.route(/training\.history/, (route) => route.abort());
  await page.getByRole('button', { name: topology.name }).click();
  await page.getByLabel('Training').getByRole('alert').waitFor({ timeout: 60_000 });
  await page.unroute(/training\.history/);
  await shows(page, 'Points', '5');
  await page.getByText(', live').waitFor();
  await logLosses(run.id, 6, 5);
  await shows(page, 'Points', '10');
}, 120_000);

test('an upload that is aborted leaves no object', async () => {
  const file = aFile();
  await using opened = await signedIn();
  const { page } = opened;
  const { held } = await holdBytes(page);
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await held;
  expect(await objectsOf(file.name)).toHaveLength(1);
  const removed = page.waitForResponse((response) => response.url().includes('objects.abort'));
  await page.getByRole('button', { name: 'Abort', exact: true }).click();
  expect((await removed).ok()).toBe(true);
  await shows(page, 'Upload', 'idle');
  await expect.poll(() => objectsOf(file.name)).toEqual([]);
});

test('a file is downloaded in parts, is what was stored, and is refused where the store sends other bytes', async () => {
  const buffer = Buffer.alloc(20 * 1024 * 1024, randomUUID());
  const { id, key } = await nexus.uploads.file(buffer, { kind: 'artifact', name: `${randomUUID()}.bin` });
  await using opened = await signedIn();
  const { page, problems } = opened;
  const ofFile = page.getByRole('listitem').filter({ hasText: key });
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('X-Amz-Signature') && asked.push(request.method()));
  const saved = page.waitForEvent('download');
  await ofFile.getByRole('button', { name: 'Download', exact: true }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe(key.split('/').at(-1));
  expect((await readFile(await download.path())).equals(buffer)).toBe(true);
  expect(asked).toEqual(['GET', 'GET', 'GET']);
  expect(problems).toEqual([]);

  await page.route(/X-Amz-Signature/, (route) => {
    const [, from = '', to = ''] = /bytes=(\d+)-(\d+)/.exec(route.request().headers().range ?? '') ?? [];
    const body = Buffer.alloc(Number(to) - Number(from) + 1);
    return route.fulfill({ status: 206, headers: { 'access-control-allow-origin': '*' }, body });
  });
  await ofFile.getByRole('button', { name: 'Download', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'other bytes' }).waitFor();
  expect((await nexus.objects.get.query({ id })).status).toBe('ready');
});
