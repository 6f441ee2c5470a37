import type { Route } from '../../server/procedure/route.ts';
import { renamed } from '../../server/procedure/wire-names.ts';

export type EventStream = {
  /** The text so far. */
  text(): string;
  /** Everything, once the server or `close` has ended it. */
  ended: Promise<string>;
  close(): void;
};

/** A subscription by REST, open: the server has answered and the stream goes on. */
export async function eventsOf(
  url: string,
  route: Route,
  input: unknown,
  headers: Record<string, string>,
): Promise<EventStream> {
  const wire: Record<string, unknown> = { ...Object(renamed(route.input, input, 'output', route.definition.names)) };
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(wire[name]);
    delete wire[name];
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wire)) query.append(name, String(value));
  const closing = new AbortController();
  const response = await fetch(`${url}/api${path}?${query}`, {
    headers: { ...headers, connection: 'close' },
    signal: closing.signal,
  });
  if (response.status !== 200) throw new Error(`${route.procedure}: ${response.status} ${await response.text()}`);
  let text = '';
  const read = async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    } catch (error) {
      if (!closing.signal.aborted) throw error;
    }
    return text;
  };
  return { text: () => text, ended: read(), close: () => closing.abort() };
}
