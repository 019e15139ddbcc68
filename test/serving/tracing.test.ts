/** Spans as a collector of OpenTelemetry gets them: over HTTP, in the JSON of OTLP. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { predict, serve } from './http.ts';

type Span = {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
};

/** Keeps the spans that are sent to it, and of which service they say to be. */
async function collector() {
  const spans: Span[] = [];
  const services = new Set<unknown>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    expect([request.method, request.url]).toEqual(['POST', '/v1/traces']);
    for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
      for (const { key, value } of resource.attributes)
        if (key === 'service.name') services.add(value.stringValue);
      for (const { spans: sent } of scopeSpans) spans.push(...sent);
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, spans, services, close: () => server.close() };
}

const { cache } = createRequire(import.meta.url);
const isLoaded = (name: string) => Object.keys(cache).some((path) => path.includes(`/${name}/`));

afterEach(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
});

it('nothing that sends spans is loaded by a service that has nobody to send them to', async () => {
  const { serveBundle } = await import('../../src/attune/serve.ts');
  await expect(serveBundle({ model: '/nowhere' })).rejects.toThrow();
  expect([isLoaded('@opentelemetry/api'), isLoaded('@opentelemetry/sdk-trace-node')]).toEqual([true, false]);
});

it("a request is a span under its caller's, its parts are under it, and a batch stands alone", async () => {
  const there = await collector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = there.url;
  const { startTracing } = await import('../../src/attune/tracing.ts');
  expect(isLoaded('@opentelemetry/sdk-trace-node')).toBe(true);
  const tracing = startTracing();
  const server = await serve();
  const [trace, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  const { headers } = await predict(
    server,
    { products: [{ title: 'red' }] },
    { traceparent: `00-${trace}-${parent}-01` },
  );
  await predict(server, { products: [] });
  await server.close();
  await tracing.close();
  there.close();
  expect([...there.services]).toEqual(['attune']);
  const [request, refused] = there.spans.filter(({ name }) => name === 'POST /v1/products:predict');
  expect(request).toMatchObject({ traceId: trace, parentSpanId: parent, kind: 2 });
  expect(request!.attributes).toContainEqual({
    key: 'attune.request_id',
    value: { stringValue: headers.get('x-request-id') },
  });
  expect(request!.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 200 } });
  expect(refused!.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 422 } });
  expect([refused!.traceId === trace, refused!.parentSpanId]).toEqual([false, undefined]);
  const under = there.spans.filter(({ parentSpanId }) => parentSpanId === request!.spanId);
  expect(under.map(({ name, traceId }) => [name, traceId]).sort()).toEqual([
    ['attune.batch', trace],
    ['attune.postprocess', trace],
    ['attune.preprocess', trace],
  ]);
  const [infer] = there.spans.filter(({ name }) => name === 'attune.infer');
  expect([infer!.traceId === trace, infer!.parentSpanId]).toEqual([false, undefined]);
});
