import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startNexus } from '../support/nexus.ts';

const Value = z.looseObject({ stringValue: z.string().optional(), intValue: z.number().optional() });
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: z.array(z.object({ key: z.string(), value: Value })),
});
const Export = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});
type Seen = { name: string; traceId: string; spanId: string; parentSpanId?: string; facts: Record<string, unknown> };

/** A collector of spans: takes OTLP over HTTP, as JSON. */
async function startCollector() {
  const spans: Seen[] = [];
  let raw = '';
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    raw += body;
    if (incoming.url !== '/v1/traces') return outgoing.writeHead(404).end();
    const given = Export.parse(JSON.parse(body)).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    for (const { attributes, kind: _, ...span } of given.flatMap((scope) => scope.spans)) {
      const facts = attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]);
      spans.push({ ...span, facts: Object.fromEntries(facts) });
    }
    return outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    raw: () => raw,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test('a request is a span of its caller’s trace, with its procedure, status and request id, and below it the stores’ calls', async () => {
  await using collector = await startCollector();
  const traceId = 'a'.repeat(32);
  const callerSpan = 'b'.repeat(16);
  const traceparent = `00-${traceId}-${callerSpan}-01`;
  let requestId: string | null = null;
  const word = `private${crypto.randomUUID().slice(0, 8)}`;
  {
    await using nexus = await startNexus({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const headers = { authorization: `Bearer ${nexus.token}`, 'content-type': 'application/json', traceparent };
    const made = await fetch(`${nexus.url}/api/topologies`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        name: word,
        architecture: 'transformer',
        context: [{ type: 'note', data: word }],
        await_effects: true,
      }),
    });
    expect(made.status).toBe(201);
    requestId = made.headers.get('x-request-id');
    await fetch(`${nexus.url}/api/context?limit=1`, { headers });
    await fetch(`${nexus.url}/trpc/users.me`, { headers });
    expect((await fetch(`${nexus.url}/api/topologies/999999`, { headers })).status).toBe(404);
    const topology = z.object({ id: z.number() }).parse(await made.json());
    await nexus.as(nexus.token).topologies.delete.mutate({ id: topology.id });
  }
  // Stopped, the server has sent everything.
  const { spans } = collector;
  const requestOf = (name: string) => {
    const found = spans.find((span) => span.name === name);
    if (!found) throw new Error(`No span ${name} among ${spans.map((span) => span.name).join(', ')}`);
    return found;
  };
  const create = requestOf('topologies.create');
  expect(create).toMatchObject({ traceId, parentSpanId: callerSpan });
  expect(create.facts).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 201,
    'nexus.procedure': 'topologies.create',
    'nexus.request_id': requestId,
    'nexus.outcome': 'ok',
  });
  expect(requestOf('topologies.get').facts).toMatchObject({
    'http.response.status_code': 404,
    'nexus.outcome': 'not_found',
  });
  expect(requestOf('users.me')).toMatchObject({ traceId, parentSpanId: callerSpan });
  const below = (parent: Seen): string[] =>
    spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId).flatMap((one) => [one.name, ...below(one)]);
  expect(below(create)).toEqual(expect.arrayContaining(['postgres.transaction', 'postgres.insert']));
  expect(below(requestOf('context.list')).some((name) => name.startsWith('documents.'))).toBe(true);
  // Work after the answer is a trace of its own.
  const effect = spans.find(({ name }) => name.startsWith('outbox.documents.'));
  expect(effect && below(effect).some((name) => name.startsWith('documents.'))).toBe(true);
  expect(collector.raw()).not.toContain(word);
});
