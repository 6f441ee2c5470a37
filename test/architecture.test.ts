import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = ['server', 'client', 'drizzle']
  .flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((f) => `${folder}/${f}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'));

type Import = { from: string; to: string };
const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(`${root}/${from}`, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) => ({
    from,
    to: name.startsWith('.') ? relative(root, resolve(root, dirname(from), name)) : name,
  })),
);
const featureOf = (file: string) => file.match(/^server\/features\/([^/]+)\//)?.[1];
const shown = (found: Import[]) => found.map(({ from, to }) => `${from} imports ${to}`);

test('the code is seen at all', () => {
  expect(files.length).toBeGreaterThan(40);
  expect(imports.length).toBeGreaterThan(150);
});

/**
 * Layers from lowest to highest: each imports only from those before it. `outbox` and `watch` know nothing of each
 * other.
 */
const layers = [
  'errors.ts',
  'procedure',
  'config.ts',
  'stores',
  'watch',
  'outbox',
  'features',
  'published',
  'http',
  'bundle',
  'verify.ts',
  'serve.ts',
  'main.ts',
];
const layerOf = (file: string) => file.match(/^server\/([^/]+)/)?.[1];

test('imports go one way, from main.ts down to procedure/: move what both need down', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [above, below] = [layerOf(from), layerOf(to)];
    return above && below && above !== below && layers.indexOf(above) <= layers.indexOf(below);
  });
  expect(shown(wrong)).toEqual([]);
  expect([...new Set(files.flatMap((file) => layerOf(file) ?? []))].sort()).toEqual(layers.toSorted());
});

test('features import no tRPC and no driver, and procedure/ only what describes a value', () => {
  const drivers = /^(@trpc\/|postgres$|minio$|nano$|hono|@electric-sql\/)/;
  expect(shown(imports.filter(({ from, to }) => layerOf(from) === 'features' && drivers.test(to)))).toEqual([]);
  const pure = /^(server\/|zod$|superjson$|@trpc\/server$)/;
  expect(shown(imports.filter(({ from, to }) => layerOf(from) === 'procedure' && !pure.test(to)))).toEqual([]);
});

test('features meet through index.ts or a contract: import the door instead', () => {
  const crossing = imports.filter(
    ({ from, to }) => featureOf(from) && featureOf(to) && featureOf(from) !== featureOf(to),
  );
  expect(shown(crossing.filter(({ to }) => !/\/(index|contract)\.ts$/.test(to)))).toEqual([]);
});

test('features import each other without a circle: move what both need into a third', () => {
  const doors = imports.filter(({ to }) => /^server\/features\/[^/]+\/index\.ts$/.test(to));
  const next = (feature: string) =>
    doors.filter(({ from }) => featureOf(from) === feature).flatMap(({ to }) => featureOf(to) ?? []);
  const circles = [...new Set(files.flatMap((file) => featureOf(file) ?? []))].filter((start) => {
    const seen = new Set<string>();
    const queue = next(start);
    for (let at = queue.pop(); at; at = queue.pop()) {
      if (at === start) return true;
      if (!seen.has(at)) queue.push(...next(at));
      seen.add(at);
    }
    return false;
  });
  expect(circles).toEqual([]);
});

test('contracts import zod and other contracts only: move the rest into a verb', () => {
  const contracts = imports.filter(({ from }) => /features\/(.+\/)?contract\.ts$/.test(from));
  expect(shown(contracts.filter(({ to }) => to !== 'zod' && !/\/contract\.ts$/.test(to)))).toEqual([]);
});

test('tables are read in store.ts, or in one named for what it keeps (index-store.ts), only: put the query there', () => {
  const tables = imports.filter(({ from, to }) => featureOf(from) && to.startsWith('drizzle/'));
  const allowed = /\/((?:[a-z]+-)?store|record-audit|procedures)\.ts$/;
  expect(shown(tables.filter(({ from }) => !allowed.test(from)))).toEqual([]);
});

test('the client imports no server: let the generator write what it needs', () => {
  expect(shown(imports.filter(({ from, to }) => from.startsWith('client/') && /^(server|drizzle)\//.test(to)))).toEqual(
    [],
  );
});

test('only config.ts reads the environment, and only main.ts ends the process', () => {
  const text = (file: string) => readFileSync(`${root}/${file}`, 'utf8').replace(/\/\*\*.*?\*\//gs, '');
  expect(files.filter((file) => text(file).includes('process.env') && file !== 'server/config.ts')).toEqual([]);
  expect(files.filter((file) => text(file).includes('process.exit') && file !== 'server/main.ts')).toEqual([]);
});

test('comments begin with their subject: say what a thing is, not "What …", "Whose …" or "Of …"', () => {
  const folders = ['server', 'drizzle', 'client', 'demo', 'test', 'bench'];
  const sources = folders
    .flatMap((folder) =>
      readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => /\.tsx?$/.test(file) && !/\/(?:node_modules|dist)\//.test(file));
  const riddle =
    /(?:\/\*\*|^ *\*|\/\/) *(?:What|Whatever|Whom|Whose|Who|Whoever|Of|(?:At|Beside|By|From|In|With) wh(?:at|ere|ich|om|ose))\b/;
  const found = sources.flatMap((file) =>
    readFileSync(`${root}/${file}`, 'utf8')
      .split('\n')
      .flatMap((line, at) => (riddle.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : [])),
  );
  expect(sources.length).toBeGreaterThan(400);
  expect(found).toEqual([]);
});
