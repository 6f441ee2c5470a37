import type { Route } from '../procedure/route.ts';

/** Every path of every route, those with fewer parameters first: /users/me before /users/{id}. */
export function inOrder(routes: readonly Route[]): { route: Route; path: string }[] {
  return routes
    .flatMap((route) => [route.path, ...(route.definition.alsoPaths ?? [])].map((path) => ({ route, path })))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
}

type Found<What> = { what: What; params: Record<string, string> };

/**
 * Finds the route of a path below /api, as Hono does: the first in order whose segments fit. Undefined where there is none.
 */
export function restPaths<What>(
  routes: readonly Route[],
  whatOf: (route: Route) => What,
): (method: string, path: string) => Found<What> | undefined {
  type Pattern = { segments: { text: string; param: string | undefined }[]; what: What };
  const patterns = new Map<string, Pattern[]>();
  for (const { route, path } of inOrder(routes)) {
    const segments = path
      .slice(1)
      .split('/')
      .map((text) => ({ text, param: /^\{(\w+)\}$/.exec(text)?.[1] }));
    const key = `${route.method} ${segments.length}`;
    const known = patterns.get(key) ?? [];
    patterns.set(key, known);
    known.push({ segments, what: whatOf(route) });
  }
  return (method, path) => {
    const parts = segmentsOf(path);
    const fits = ({ segments }: Pattern) =>
      segments.every(({ text, param }, at) => (param === undefined ? text === parts[at] : parts[at] !== ''));
    const found = patterns.get(`${method} ${parts.length}`)?.find(fits);
    if (!found) return undefined;
    const params: Record<string, string> = {};
    for (const [at, { param }] of found.segments.entries()) if (param !== undefined) params[param] = parts[at] ?? '';
    return { what: found.what, params };
  };
}

function segmentsOf(path: string): readonly string[] {
  const parts = path.slice(1).split('/');
  return path.includes('%') ? parts.map(unescaped) : parts;
}

/** A "%" that begins no escape stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
