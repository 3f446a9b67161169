import {
  context,
  metrics as metricsApi,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { traceWorkflow } from '../../src/integrations/opentelemetry.ts';
import { setUp, type Interference } from '../support/bench.ts';

const staffUserId = 7;
const apiKey = 'sk_live_tr4ced';

/** A workflow whose spans and metrics are kept in memory. */
function traced(interfere?: Interference) {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const bench = setUp({}, interfere, {}, { apiKey });
  const providers = { tracerProvider, meterProvider };
  const stop = traceWorkflow(bench.workflow, providers);
  return {
    ...bench,
    providers,
    stop,
    spans: () => spans.getFinishedSpans(),
    metrics: async () => {
      const { resourceMetrics } = await reader.collect();
      await meterProvider.shutdown();
      return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    },
  };
}

test('a change is a span, with a span by the conventions for each request', async () => {
  const { clock, workflow, spans } = traced();
  await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
  const [request, change] = spans();
  expect(change).toMatchObject({
    name: 'ticket START',
    attributes: {
      'ticket_lifecycle.ticket.id': 'T-open',
      'ticket_lifecycle.event': 'START',
      'ticket_lifecycle.outcome': 'confirmed',
      'ticket_lifecycle.attempts': 1,
    },
  });
  expect(request).toMatchObject({
    name: 'POST /tickets/{ticketId}/status',
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': 'api.series.hr',
      'server.port': 443,
      'url.full': 'https://api.series.hr/tickets/T-open/status',
      'url.template': '/tickets/{ticketId}/status',
    },
    parentSpanContext: { spanId: change?.spanContext().spanId },
  });
  expect(change?.events.map(({ name }) => name)).toEqual(['allowed', 'queued', 'slot']);
});

test('a failed request and a failed change are marked as such', async () => {
  let count = 0;
  const { clock, workflow, spans } = traced(async (_, forward) => {
    count += 1;
    if (count === 1) return new Response('', { status: 429 });
    return count === 2 ? new Response('', { status: 403 }) : forward();
  });
  await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
  const [limited, refused, change] = spans();
  expect(limited).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'http.response.status_code': 429, 'error.type': '429' },
  });
  expect(refused).toMatchObject({
    attributes: { 'http.response.status_code': 403, 'http.request.resend_count': 1 },
  });
  expect(change).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'ticket_lifecycle.outcome': 'refused' },
  });
});

test('durations and outcomes are measured', async () => {
  const { clock, workflow, metrics } = traced();
  await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
  await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId }));
  await clock.run(workflow.observe('T-closed'));
  const measured = await metrics();
  const named = (name: string) => measured.find(({ descriptor }) => descriptor.name === name);
  expect(named('http.client.request.duration')?.descriptor.unit).toBe('s');
  const templates = named('http.client.request.duration')?.dataPoints.map(
    ({ attributes }) => attributes['url.template'],
  );
  expect(templates).toEqual(['/tickets/{ticketId}/status', '/tickets/get/{ticketId}']);
  const outcomes = named('ticket_lifecycle.change.count')?.dataPoints.map(
    ({ attributes, value }) => [attributes['ticket_lifecycle.outcome'], value],
  );
  expect(outcomes).toEqual([
    ['confirmed', 1],
    ['blocked', 1],
  ]);
  expect(named('ticket_lifecycle.change.wait')).toBeDefined();
});

test('a provider of metrics that is registered later gets what is measured from then on', async () => {
  const { clock, workflow } = setUp({});
  const stop = traceWorkflow(workflow);
  await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metricsApi.setGlobalMeterProvider(provider);
  await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
  metricsApi.disable();
  stop();
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  const [counted] = resourceMetrics.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === 'ticket_lifecycle.change.count');
  expect(counted?.dataPoints.map(({ value }) => value)).toEqual([1]);
});

test('the span of a change lies in that of its caller', async () => {
  const { clock, workflow, spans } = traced();
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const parent = trace.setSpanContext(context.active(), { ...caller, traceFlags: 1 });
  const manager = {
    active: () => parent,
    with: (_: unknown, fn: () => unknown) => fn(),
    bind: (_: unknown, target: unknown) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager as never);
  const outcome = workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
  context.disable();
  await clock.run(outcome);
  for (const span of spans()) expect(span.spanContext().traceId).toBe(caller.traceId);
});

test('the key stands in no span, and nothing is left open when it is stopped', async () => {
  const { clock, workflow, spans, stop } = traced(async () => {
    throw new TypeError(`fetch failed with ${apiKey}`);
  });
  const outcome = workflow.apply('T-open', 'START', { staffUserId, from: 'open' });
  await clock.advance(2000);
  stop();
  await clock.run(outcome);
  const seen = spans().map(({ name, attributes, events, status }) => ({
    name,
    attributes,
    events,
    status,
  }));
  expect(seen.map(({ name }) => name)).toContain('ticket START');
  expect(JSON.stringify(seen)).not.toContain(apiKey);
});

test('a workflow that is traced twice has each span once, and is traced anew after the end', async () => {
  const { clock, workflow, providers, spans, stop, metrics } = traced();
  const again = traceWorkflow(workflow, { ...providers, http: 'own' });
  expect(again).toBe(stop);
  await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
  expect(spans()).toHaveLength(2);
  again();
  traceWorkflow(workflow, providers);
  // The function of a trace that has ended does not end the next one.
  stop();
  expect(traceWorkflow(workflow, providers)).not.toBe(stop);
  await clock.run(workflow.apply('T-open', 'RESOLVE', { staffUserId }));
  expect(spans()).toHaveLength(4);
  const counted = (await metrics()).find(({ descriptor: { name } }) => name.endsWith('.count'));
  expect(counted?.dataPoints.map(({ value }) => value)).toEqual([1, 1]);
});

test('a workflow is not traced with two sets of options at once', () => {
  const { workflow, providers, stop } = traced();
  const other = { ...providers, http: 'none' } as const;
  expect(() => traceWorkflow(workflow, other)).toThrow('is traced with other options');
  stop();
  traceWorkflow(workflow, other)();
});
