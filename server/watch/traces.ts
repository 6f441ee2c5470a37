import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { Observe } from '../stores/observed.ts';

export type Traces = AsyncDisposable & {
  /** Does the work of a request within its span, a child of the caller's where it sends a `traceparent`. */
  request(incoming: IncomingMessage, outgoing: ServerResponse, work: () => void): void;
  /** Says of the request at work which procedure it called, and how that ended. */
  called(procedure: string, outcome: string, requestId: string): void;
  observe: Observe;
};

type Request = { context: Context; span?: Span; procedures: string[] };

/**
 * Sends traces by OTLP over HTTP to `endpoint`, in batches; disposing it sends the last one. A span holds the names of
 * procedures and effects, statements without their parameters, durations and outcomes: no input, no answer, no secret. The
 * libraries are loaded here only: a server without an endpoint does not pay for them.
 */
export async function openTraces(endpoint: string, version: string): Promise<Traces> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }, core] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/core'),
  ]);
  const { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'topology-nexus', 'service.version': version }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('topology-nexus', version);
  const propagator = new core.W3CTraceContextPropagator();
  // The library's own storage is one for the whole process, in which several servers may run.
  const active = new AsyncLocalStorage<Request>();

  const within = async <Result>(
    parent: Context,
    name: string,
    attributes: Attributes,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    const span = tracer.startSpan(name, { attributes }, parent);
    try {
      return await active.run({ context: trace.setSpan(parent, span), procedures: [] }, work);
    } catch (error) {
      // Its name alone: a message may quote what was given.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    request(incoming, outgoing, work) {
      const [path = ''] = (incoming.url ?? '').split('?', 1);
      if (!/^\/(?:api|trpc|auth)\//.test(path)) return work();
      const parent = propagator.extract(ROOT_CONTEXT, incoming.headers, defaultTextMapGetter);
      const method = incoming.method ?? '';
      const attributes = { 'http.request.method': method, 'url.path': path.slice(0, 500) };
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      outgoing.once('close', () => {
        span.setAttribute('http.response.status_code', outgoing.statusCode);
        if (outgoing.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
      active.run({ context: trace.setSpan(parent, span), span, procedures: [] }, work);
    },
    called(procedure, outcome, requestId) {
      const request = active.getStore();
      if (!request?.span) return;
      request.procedures.push(procedure);
      const names = request.procedures.join(',').slice(0, 500);
      request.span.updateName(names);
      request.span.setAttributes({ 'nexus.procedure': names, 'nexus.request_id': requestId, 'nexus.outcome': outcome });
    },
    observe: {
      child(name, attributes, work) {
        const request = active.getStore();
        return request ? within(request.context, name, attributes, work) : work();
      },
      root: (name, attributes, work) => within(ROOT_CONTEXT, name, attributes, work),
    },
    [Symbol.asyncDispose]: () => provider.shutdown().catch(() => undefined),
  };
}
