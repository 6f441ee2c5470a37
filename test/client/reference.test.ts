import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { reasonTable } from '../../server/api/error-mapping.ts';
import { openApiDocument } from '../../server/api/openapi.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the OpenAPI document is valid, and everything that it refers to is in it', async () => {
  const document = openApiDocument('1');
  const text = JSON.stringify(document);
  const answer = await new Validator().validate(JSON.parse(text));
  expect(answer.errors ?? []).toEqual([]);
  const names = new Set(
    [...text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind, name]) => `${kind}.${name}`),
  );
  const missing = [...names].filter((name) => {
    const [kind = '', key = ''] = name.split('.');
    return Reflect.get(Object(Reflect.get(Object(document.components), kind)), key) === undefined;
  });
  expect(names.size).toBeGreaterThan(40);
  expect(missing).toEqual([]);
  expect(text).not.toContain('#/$defs/');
});

test('the page of errors has every reason with its status', () => {
  const page = readFileSync(resolve(root, 'docs/concepts/errors.md'), 'utf8');
  const told = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, reason, status]) => [reason, Number(status)]);
  expect(told.sort()).toEqual(
    Object.entries(reasonTable)
      .map(([reason, { status }]) => [reason, status])
      .sort(),
  );
});

test('no link between the documents leads nowhere', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'docs', 'demo', 'examples'].flatMap((path) =>
    markdownBelow(resolve(root, path)),
  );
  const broken = pages.flatMap((page) => {
    const text = readFileSync(page, 'utf8');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*$/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => statSync(resolve(dirname(page), target), { throwIfNoEntry: false }) === undefined)
      .map((target) => `${relative(root, page)} links to ${target}`);
  });
  expect(pages.length).toBeGreaterThan(10);
  expect(broken).toEqual([]);
});

function markdownBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => resolve(path, name));
}
