import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The documents at a path: itself, or all below it. */
export function markdownBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => resolve(path, name));
}
