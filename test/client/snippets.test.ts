import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { markdownBelow } from '../support/markdown.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Names that the pages use without declaring them. */
const given = `import type { JsonValue, NexusClient } from '@topology-nexus/client';
declare global {
  const nexus: NexusClient;
  const url: string;
  const token: string;
  const id: string;
  const expectedRev: string;
  const data: JsonValue;
  const topologyId: number;
  const datasetId: number;
  const dataset: { id: number };
  const embedding: Float32Array;
  const bytes: Uint8Array;
}
`;
const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
  module: 'preserve',
  moduleResolution: 'bundler',
  customConditions: ['@topology-nexus/source'],
  allowImportingTsExtensions: true,
  jsx: 'react-jsx',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

test('every piece of TypeScript in the documents compiles against the client as it is', async () => {
  await using directory = await temporaryDirectory();
  const pages = ['README.md', 'client/README.md', 'docs', 'examples'].flatMap((path) =>
    markdownBelow(resolve(root, path)),
  );
  const names = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^```(tsx?)\n(.*?)^```/gms)].map(([, kind = 'ts', text = ''], at) => {
      const name = `${relative(root, page).replace(/[^\w]/g, '-')}-${at}.${kind}`;
      writeFileSync(join(directory.path, name), `export {};\n${text}`);
      return name;
    }),
  );
  expect(names.length).toBeGreaterThan(8);
  symlinkSync(join(root, 'node_modules'), join(directory.path, 'node_modules'));
  writeFileSync(join(directory.path, 'given.ts'), given);
  writeFileSync(join(directory.path, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(directory.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['given.ts', ...names] }),
  );
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', directory.path]).catch((error: unknown) => Object(error));
  expect(stdout).toBe('');
});
