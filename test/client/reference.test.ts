import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { routes } from '../../server/features/nouns.ts';
import { reasonTable } from '../../server/procedure/reason-table.ts';
import { renamed, snakeCase } from '../../server/procedure/wire-names.ts';
import { openApiDocument } from '../../server/published/openapi.ts';
import { markdownBelow } from '../support/markdown.ts';

const aUuid = '01a20fca-0817-74ea-9794-a3c2a3dca66c';
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

test('every body has an example, which its contract takes, and no text has a name that REST does not', () => {
  const bodies = routes.filter(({ input, path, method }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    return (
      method !== 'GET' &&
      method !== 'DELETE' &&
      Object.keys(input.shape).some((name) => !inPath.includes(snakeCase(name)))
    );
  });
  const wrong = bodies.flatMap(({ procedure, input, path, definition: { names: wireNames, example } }) => {
    if (!example) return [`${procedure} has none`];
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    // A path parameter is a number or a text, as the contract says.
    const results = ['1', aUuid, 'champion'].map((id) => {
      const given = { ...Object.fromEntries(inPath.map((name) => [name, id])), ...example };
      return input.safeParse(renamed(input, given, 'input', wireNames));
    });
    return results.some(({ success }) => success) ? [] : [`${procedure}: ${results[0]?.error?.message}`];
  });
  expect(wrong).toEqual([]);
  const texts = [...JSON.stringify(openApiDocument('1')).matchAll(/"(?:description|summary)":("(?:[^"\\]|\\.)*")/g)];
  expect(texts.filter(([, text = '']) => /\b[a-z]+[A-Z][a-z]/.test(text)).map(([, text]) => text)).toEqual([]);
});

test('every type, field and procedure of the client says what it is', () => {
  const lines = readFileSync(resolve(root, 'client/src/generated/api.ts'), 'utf8').split('\n');
  const says = (at: number) => /\*\/$/.test(lines[at - 1] ?? '');
  const told = lines.flatMap((line, at) => {
    const name = /^export type (\w+)|^ +(\w+)\??: /.exec(line);
    return name ? [{ name: `${at + 1}: ${name[1] ?? name[2]}`, isTold: says(at) }] : [];
  });
  expect(told.length).toBeGreaterThan(1_000);
  expect(told.filter(({ isTold }) => !isTold).map(({ name }) => name)).toEqual([]);
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
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'client/README.md',
    'docs',
    'demo',
    'examples',
  ].flatMap((path) => markdownBelow(resolve(root, path)));
  const broken = pages.flatMap((page) => {
    const text = readFileSync(page, 'utf8');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', place] = target.split('#');
        const file = path === '' ? page : resolve(dirname(page), path);
        if (statSync(file, { throwIfNoEntry: false }) === undefined) return true;
        return place !== undefined && !headingsOf(file).includes(place);
      })
      .map((target) => `${relative(root, page)} links to ${target}`);
  });
  expect(pages.length).toBeGreaterThan(10);
  expect(broken).toEqual([]);
});

/** As GitHub names them. */
const headingsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
