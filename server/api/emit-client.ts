import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printClientTypes } from './print-types.ts';

const folder = fileURLToPath(new URL('../../client/src/generated/', import.meta.url));
const transformer = new URL('./transformer.ts', import.meta.url);

/** Every file that crosses from the server to the client: its types, and the format in which both speak. */
const files = (): readonly (readonly [string, string])[] => [
  ['api.ts', printClientTypes()],
  [
    'transformer.ts',
    `// A copy of the server's own, by \`npm run generate\`. Do not edit.\n${readFileSync(transformer, 'utf8')}`,
  ],
];

/** Writes what the client takes over from the server. */
export function emitClient(): void {
  for (const [name, text] of files()) writeFileSync(`${folder}${name}`, text);
}

/** Whether what the client took over is as it is now. */
export function isClientFresh(): boolean {
  return files().every(([name, text]) => readFileSync(`${folder}${name}`, 'utf8') === text);
}
