import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { startSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { traceWorkflow, type TelemetryOptions } from '../../src/integrations/opentelemetry.ts';
import { json, startServer, success, ticket } from '../support/server.ts';

const apiKey = 'sk_live_c0mp0sed';
const staffUserId = 7;

/** The real SDK, registered as an application does it, with the instrumentation of fetch or without. */
function register(isInstrumented: boolean) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metrics,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const stop = isInstrumented
    ? registerInstrumentations({
        meterProvider,
        tracerProvider: provider,
        instrumentations: [new UndiciInstrumentation()],
      })
    : () => {};
  onTestFinished(async () => {
    stop();
    trace.disable();
    context.disable();
    propagation.disable();
    await Promise.all([provider.shutdown(), meterProvider.shutdown()]);
  });
  return {
    meterProvider,
    spans: () => exporter.getFinishedSpans(),
    /** How many requests each scope has measured. */
    async durations() {
      const { resourceMetrics } = await reader.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ scope, metrics: measured }) =>
        measured
          .filter(({ descriptor }) => descriptor.name === 'http.client.request.duration')
          .flatMap(({ dataPoints }) =>
            dataPoints.map(({ value }) => ({
              scope: scope.name,
              count: (value as { count: number }).count,
            })),
          ),
      );
    },
  };
}

async function workflowBefore(
  answer: Parameters<typeof startServer>[0],
  otel: ReturnType<typeof register>,
  options: TelemetryOptions = {},
) {
  const server = await startServer(answer);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const client = createSeriesClient({ apiKey, baseUrl: server.url });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, settleMs: 1 });
  const { meterProvider } = otel;
  onTestFinished(traceWorkflow(workflow, { meterProvider, ...options }));
  return { server, workflow };
}

const inCaller = <Result>(work: () => Promise<Result>) =>
  trace
    .getTracer('app')
    .startActiveSpan('caller', async (span) => work().finally(() => span.end()));

describe.each([
  ['without the instrumentation of fetch', false],
  ['beside the instrumentation of fetch', true],
])('%s', (_, isInstrumented) => {
  test('each request has one client span in its change, its id on the wire, and one duration', async () => {
    const otel = register(isInstrumented);
    const { server, workflow } = await workflowBefore(
      (response, request, count) =>
        (request.method === 'GET'
          ? ticket('open', 'T-1')
          : success('Status changed to in-progress'))(response, request, count),
      otel,
    );
    await inCaller(() => workflow.apply('T-1', 'START', { staffUserId }));

    const spans = otel.spans();
    const idOf = (name: string) =>
      spans.find((span) => span.name === name)?.spanContext().spanId ?? 'none';
    const requests = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(requests.map(({ name }) => name)).toEqual([
      'GET /tickets/get/{ticketId}',
      'POST /tickets/{ticketId}/status',
    ]);
    for (const request of requests) {
      expect(request.parentSpanContext?.spanId).toBe(idOf('ticket START'));
    }
    const change = spans.find(({ name }) => name === 'ticket START');
    expect(change?.parentSpanContext?.spanId).toBe(idOf('caller'));
    expect(server.seen.map(({ headers }) => String(headers['traceparent']).split('-')[2])).toEqual(
      requests.map((request) => request.spanContext().spanId),
    );
    const measured = await otel.durations();
    expect(measured.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    const attributes = JSON.stringify(spans.map((span) => [span.attributes, span.events]));
    expect(attributes).not.toContain(apiKey);
  });

  test('with http: none it is left to the instrumentation, inside of the change', async () => {
    const otel = register(isInstrumented);
    const { workflow } = await workflowBefore(success('ok'), otel, { http: 'none' });
    await inCaller(() => workflow.apply('T-1', 'START', { staffUserId, from: 'open' }));
    const spans = otel.spans();
    const change = spans.find(({ name }) => name === 'ticket START');
    const requests = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(requests.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      isInstrumented ? [change?.spanContext().spanId] : [],
    );
    const measured = await otel.durations();
    expect(measured.map(({ count }) => count)).toEqual(isInstrumented ? [1] : []);
  });
});

test('a change that is sent again after a doubt says how often it was sent before', async () => {
  const otel = register(false);
  const { url, sandbox, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
  onTestFinished(close);
  sandbox.faults.next(1, 'reset-before-reading');
  const client = createSeriesClient({ apiKey, baseUrl: url });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, settleMs: 1200 });
  onTestFinished(traceWorkflow(workflow, { meterProvider: otel.meterProvider }));
  const outcome = await workflow.apply('T-1', 'START', { staffUserId, from: 'open' });
  expect(outcome).toMatchObject({ kind: 'confirmed', attempts: 2 });
  const writes = otel.spans().filter(({ name }) => name.startsWith('POST'));
  const counts = writes.map(({ attributes }) => attributes['http.request.resend_count']);
  expect(counts).toEqual([undefined, 1]);
});

test('an option that does not exist is refused', async () => {
  const { workflow } = await workflowBefore(json(200, {}), register(false));
  expect(() => traceWorkflow(workflow, { htpp: 'none' } as TelemetryOptions)).toThrow(
    'traceWorkflow: unknown option "htpp"',
  );
  expect(() => traceWorkflow(workflow, { http: 'some' } as never)).toThrow('option "http" must be');
});
