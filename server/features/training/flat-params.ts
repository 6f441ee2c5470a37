import type { FreeJson } from '../contract.ts';

export type FlatParam = { path: string; number: number | null; text: string };

const maxParams = 1000;
/** Longer ones are kept in the params themselves; they are found by their beginning only. */
const maxTextLength = 200;
const maxPathLength = 250;

/** The numbers, texts and truth values of nested params by their paths, `optimizer.lr`: what `training.list` finds runs by. */
export function flatParams(params: FreeJson): FlatParam[] {
  const flat = new Map<string, FlatParam>();
  const walk = (value: unknown, path: string) => {
    if (flat.size >= maxParams || path.length > maxPathLength) return;
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
      return;
    }
    const number = typeof value === 'number' ? value : null;
    flat.set(path, { path, number, text: String(value).slice(0, maxTextLength) });
  };
  walk(params, '');
  return [...flat.values()];
}
