import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printClientTypes } from './print-types.ts';

const target = fileURLToPath(new URL('../../client/src/generated/api.ts', import.meta.url));

/** Writes the client's types, the only thing that crosses from the server to the client. */
export function emitClient(): void {
  writeFileSync(target, printClientTypes());
}

/** Whether the client's types are those of the contracts as they are now. */
export function isClientFresh(): boolean {
  return readFileSync(target, 'utf8') === printClientTypes();
}
