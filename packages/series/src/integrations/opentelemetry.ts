import {
  context,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type MeterProvider,
  type Span,
  type TracerProvider,
} from '@opentelemetry/api';
import type { RequestEvent } from '../request/request-event.ts';
import type { TicketWorkflow } from '../workflow/ticket-workflow.ts';
import type { EventSubject, WorkflowEvent } from '../workflow/workflow-event.ts';

/** Where spans and measurements go. */
export interface TelemetryOptions {
  /** @defaultValue the global one */
  readonly tracerProvider?: TracerProvider | undefined;
  /** @defaultValue the global one */
  readonly meterProvider?: MeterProvider | undefined;
}

const scope = '@ticket-lifecycle/series';
// The boundaries that the semantic conventions advise for HTTP, in seconds.
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
}

/**
 * Makes OpenTelemetry spans and metrics of the events of a workflow: a span for each change, and in
 * it one for each HTTP request, named and described by the semantic conventions for HTTP clients.
 * None of them contains the API key. Returns a function that ends it.
 *
 * Metrics: `http.client.request.duration`, `ticket_lifecycle.change.count` by outcome, and
 * `ticket_lifecycle.change.wait` for the seconds that changes have waited.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
 * import { traceWorkflow } from '@ticket-lifecycle/series/opentelemetry';
 *
 * const client = createSeriesClient({ apiKey: 'example-key' });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 * const stop = traceWorkflow(workflow);
 * stop();
 * ```
 */
export function traceWorkflow(
  workflow: Pick<TicketWorkflow, 'on'>,
  { tracerProvider = trace, meterProvider = metrics }: TelemetryOptions = {},
): () => void {
  const tracer = tracerProvider.getTracer(scope);
  const meter = meterProvider.getMeter(scope);
  const requestDuration = meter.createHistogram('http.client.request.duration', {
    description: 'Duration of HTTP client requests.',
    unit: 's',
    advice: { explicitBucketBoundaries: boundaries },
  });
  const changeCount = meter.createCounter('ticket_lifecycle.change.count', {
    description: 'Changes of tickets by how they ended.',
    unit: '{change}',
  });
  const changeWait = meter.createHistogram('ticket_lifecycle.change.wait', {
    description: 'Time that changes have waited for their turn, a slot, a pause or a retry.',
    unit: 's',
    advice: { explicitBucketBoundaries: boundaries },
  });
  const changes = new Map<number, OpenSpan>();
  const requests = new Map<number | string, Span>();

  const leave = workflow.on(record);
  return () => {
    leave();
    for (const span of requests.values()) span.end();
    for (const { span } of changes.values()) span.end();
    requests.clear();
    changes.clear();
  };

  function record(event: WorkflowEvent): void {
    switch (event.type) {
      case 'asked':
        return beginChange(event);
      case 'sent':
        return beginRequest(event);
      case 'answered':
        return endRequest(event);
      case 'ended':
        return endChange(event);
      case 'broken':
        return breakChange(event);
      case 'queued':
      case 'slot':
      case 'retrying':
      case 'in-doubt':
        return note(event, {});
      case 'allowed':
        return note(event, {
          'ticket_lifecycle.from': event.from,
          'ticket_lifecycle.to': event.to,
        });
      case 'blocked':
        return note(event, {
          'ticket_lifecycle.blockers': event.blockers.map(({ code }) => code),
        });
      case 'settled':
        return note(event, { 'ticket_lifecycle.settlement': event.settlement });
      case 'observed':
      case 'store-failed':
      case 'stepped-down':
      case 'stepped-up':
      case 'paused':
        return undefined;
    }
  }

  function beginChange(event: Extract<WorkflowEvent, { type: 'asked' }>): void {
    if (event.changeId === undefined) return;
    const attributes: Attributes = { 'ticket_lifecycle.ticket.id': event.ticketId };
    if (event.event !== undefined) attributes['ticket_lifecycle.event'] = event.event;
    if (event.to !== undefined) attributes['ticket_lifecycle.to'] = event.to;
    // This runs in the caller's own call, so the caller's span is the active one.
    const name = `ticket ${event.event ?? 'move'}`;
    const span = tracer.startSpan(name, { attributes });
    changes.set(event.changeId, { span, context: trace.setSpan(context.active(), span) });
  }

  function beginRequest(event: RequestEvent & EventSubject): void {
    const parent = changeOf(event)?.context ?? context.active();
    const name = `${event.method} ${event.template}`;
    const attributes = { ...describe(event), 'url.full': event.url };
    const resends = event.attempt > 1 ? { 'http.request.resend_count': event.attempt - 1 } : {};
    const options = { kind: SpanKind.CLIENT, attributes: { ...attributes, ...resends } };
    requests.get(keyOf(event))?.end();
    requests.set(keyOf(event), tracer.startSpan(name, options, parent));
  }

  function endRequest(event: Extract<WorkflowEvent, { type: 'answered' }>): void {
    const result: Attributes = {};
    if (event.status !== undefined) result['http.response.status_code'] = event.status;
    const isFailure = event.evidence !== 'applied';
    if (isFailure) result['error.type'] = String(event.status ?? event.reason ?? event.evidence);
    const span = requests.get(keyOf(event));
    requests.delete(keyOf(event));
    span?.setAttributes({ ...result, 'ticket_lifecycle.evidence': event.evidence });
    if (isFailure) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    requestDuration.record(event.durationMs / 1000, { ...describe(event), ...result });
  }

  function endChange(event: Extract<WorkflowEvent, { type: 'ended' }>): void {
    const { outcome } = event;
    const name = outcome.event ?? 'move';
    const attributes = { 'ticket_lifecycle.outcome': outcome.kind, 'ticket_lifecycle.event': name };
    changeCount.add(1, attributes);
    changeWait.record(outcome.waitedMs / 1000, attributes);
    const span = takeChange(event);
    span?.setAttributes({ ...attributes, 'ticket_lifecycle.attempts': outcome.attempts });
    if ('error' in outcome) {
      span?.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error.message });
    }
    span?.end();
  }

  function breakChange(event: Extract<WorkflowEvent, { type: 'broken' }>): void {
    const span = takeChange(event);
    span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  function note(event: Exclude<WorkflowEvent, { key: string }>, attributes: Attributes): void {
    changeOf(event)?.span.addEvent(event.type, attributes);
  }

  function changeOf({ changeId }: EventSubject): OpenSpan | undefined {
    return changeId === undefined ? undefined : changes.get(changeId);
  }

  function takeChange(event: EventSubject): Span | undefined {
    const open = changeOf(event);
    if (event.changeId !== undefined) changes.delete(event.changeId);
    return open?.span;
  }
}

// One request of a change is under way at a time, and one read of a ticket that belongs to none.
const keyOf = ({ changeId, ticketId }: EventSubject) => changeId ?? ticketId;

/** The attributes of the semantic conventions that have few enough values for metrics. */
function describe({ method, url, template }: RequestEvent): Attributes {
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': method,
    'url.template': template,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
