import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from './openapi.ts';
import { printDocs } from './print-docs.ts';
import { printClientTypes } from './print-types.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reference = 'docs/reference/';

/** Every file that is written from the contracts: the client's types and wire format, the reference, the OpenAPI document. */
function generated(): [path: string, text: string][] {
  const transformer = readFileSync(new URL('../procedure/transformer.ts', import.meta.url), 'utf8');
  // The document in the repository is of the contracts, not of a release.
  const version = '0';
  return [
    ['client/src/generated/api.ts', printClientTypes()],
    [
      'client/src/generated/transformer.ts',
      `// A copy of the server's own, by \`npm run generate\`. Do not edit.\n${transformer}`,
    ],
    ['docs/openapi.json', `${JSON.stringify(openApiDocument(version), null, 1)}\n`],
    ...printDocs(version).map(([name, text]): [string, string] => [reference + name, text]),
  ];
}

/** Writes what comes from the contracts, the only thing of the server that crosses to the client. */
export function emitClient(): void {
  mkdirSync(root + reference, { recursive: true });
  for (const [path, text] of generated()) writeFileSync(root + path, text);
}

/** The files that are not as the contracts are now: `npm run generate` mends them; a page without its noun is to be deleted. */
export function staleFiles(): string[] {
  const files = generated();
  const read = (path: string) => {
    try {
      return readFileSync(root + path, 'utf8');
    } catch {
      return undefined;
    }
  };
  const stale = files.filter(([path, text]) => read(path) !== text).map(([path]) => path);
  const pages = readdirSync(root + reference).map((name) => reference + name);
  return [...stale, ...pages.filter((page) => !files.some(([path]) => path === page))];
}
