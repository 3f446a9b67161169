import { checkOptions, hasMethod, oneOf } from '@ticket-lifecycle/internal/option-checks';
import {
  context,
  createContextKey,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type MeterProvider,
  type Span,
  type TracerProvider,
} from '@opentelemetry/api';
import { latestInstruments, scope } from './opentelemetry-instruments.ts';
import type { RequestInfo } from '../request/request-event.ts';
import type { TicketWorkflow } from '../workflow/ticket-workflow.ts';
import type { EventSubject, WorkflowEvent } from '../workflow/workflow-event.ts';
import type { WorkflowAttempt } from '../workflow/wrapped-client.ts';

/** Where spans and measurements go. */
export interface TelemetryOptions {
  /** @defaultValue the global one */
  readonly tracerProvider?: TracerProvider | undefined;
  /** @defaultValue the global one */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Who makes spans and durations of HTTP requests. `own`: this package, and an instrumentation of
   * `fetch` beside it adds no second ones. `none`: that instrumentation alone; its spans are inside
   * the change's.
   *
   * @defaultValue 'own'
   */
  readonly http?: 'own' | 'none' | undefined;
}

interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
  /** How often the step that is made now was sent. */
  writes: number;
}

interface OpenRequest {
  readonly span: Span | undefined;
  /** Whether somebody else measures it as well. */
  isMeasured: boolean;
}

// A second trace would make each span, and count each change, once more.
const traced = new WeakMap<object, { readonly settings: unknown[]; readonly stop: () => void }>();
const tracedAlready =
  'traceWorkflow: this workflow is traced with other options. End that trace first, by the function that its call has returned.';

// Both are the names that OpenTelemetry itself uses: a key is the same for the same name.
const spanKey = createContextKey('OpenTelemetry Context Key SPAN');
const suppressKey = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A context that tells when somebody begins a span inside of it, as instrumentations of fetch do. */
function watched(inner: Context, noticed: () => void): Context {
  return {
    getValue: (key) => inner.getValue(key),
    setValue(key, value) {
      if (key === spanKey) noticed();
      return inner.setValue(key, value);
    },
    deleteValue: (key) => inner.deleteValue(key),
  };
}

/**
 * Makes OpenTelemetry spans and metrics of the events of a workflow: a span for each change, and in
 * it one for each HTTP request, named and described by the semantic conventions for HTTP clients.
 * A request carries its span on (`traceparent`). None of them contains the API key. Returns a
 * function that ends it. A workflow that is traced already, with the same options, is not traced
 * twice: the same function is returned.
 *
 * Metrics: `http.client.request.duration`, `ticket_lifecycle.change.count` by outcome, and
 * `ticket_lifecycle.change.wait` for the seconds that changes have waited.
 *
 * @throws TypeError for a workflow that is traced with other options
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
  workflow: Pick<TicketWorkflow, 'on' | 'wrapAttempts'>,
  options: TelemetryOptions = {},
): () => void {
  checkOptions('traceWorkflow', options, {
    tracerProvider: hasMethod('getTracer', 'a TracerProvider'),
    meterProvider: hasMethod('getMeter', 'a MeterProvider'),
    http: oneOf('own', 'none'),
  });
  const { tracerProvider = trace, meterProvider, http = 'own' } = options;
  const settings = [tracerProvider, meterProvider, http];
  const before = traced.get(workflow);
  if (before?.settings.every((one, index) => one === settings[index]) === true) return before.stop;
  if (before !== undefined) throw new TypeError(tracedAlready);
  const tracer = tracerProvider.getTracer(scope);
  const instruments = latestInstruments(() => meterProvider ?? metrics.getMeterProvider());
  const changes = new Map<number, OpenSpan>();
  const requests = new Map<number | string, OpenRequest>();

  const leave = workflow.on(record);
  const unwrap = workflow.wrapAttempts(wrap);
  traced.set(workflow, { settings, stop });
  return stop;

  function stop(): void {
    if (traced.get(workflow)?.stop === stop) traced.delete(workflow);
    leave();
    unwrap();
    for (const { span } of requests.values()) span?.end();
    for (const { span } of changes.values()) span.end();
    requests.clear();
    changes.clear();
  }

  function record(event: WorkflowEvent): void {
    switch (event.type) {
      case 'asked':
        return beginChange(event);
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
      case 'allowed': {
        const change = changeOf(event);
        if (change !== undefined) change.writes = 0;
        return note(event, {
          'ticket_lifecycle.from': event.from,
          'ticket_lifecycle.to': event.to,
        });
      }
      case 'blocked':
        return note(event, {
          'ticket_lifecycle.blockers': event.blockers.map(({ code }) => code),
        });
      case 'settled':
        return note(event, { 'ticket_lifecycle.settlement': event.settlement });
      case 'sent':
      case 'observed':
      case 'store-failed':
      case 'sink-failed':
      case 'entry-dropped':
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
    changes.set(event.changeId, {
      span,
      context: trace.setSpan(context.active(), span),
      writes: 0,
    });
  }

  /** Sends an attempt inside its span: here it is the active one, and not made after the fact. */
  function wrap(
    attempt: WorkflowAttempt,
    send: (headers?: Readonly<Record<string, string>>) => void,
  ): void {
    const change = changeOf(attempt);
    const parent = change?.context ?? context.active();
    const resends = resendsOf(attempt, change);
    if (http === 'none') return context.with(parent, () => send());
    const name = `${attempt.method} ${attempt.template}`;
    const attributes: Attributes = { ...describe(attempt), 'url.full': attempt.url };
    if (resends > 0) attributes['http.request.resend_count'] = resends;
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    const request: OpenRequest = { span, isMeasured: false };
    requests.get(keyOf(attempt))?.span?.end();
    requests.set(keyOf(attempt), request);
    const inside = trace.setSpan(parent, span);
    const headers: Record<string, string> = {};
    propagation.inject(inside, headers);
    // One span for one request: an instrumentation of fetch makes none inside of this.
    const quiet = inside.setValue(suppressKey, true);
    context.with(
      watched(quiet, () => {
        request.isMeasured = true;
      }),
      () => send(headers),
    );
  }

  function endRequest(event: Extract<WorkflowEvent, { type: 'answered' }>): void {
    const result: Attributes = {};
    if (event.status !== undefined) result['http.response.status_code'] = event.status;
    const isFailure = event.evidence !== 'applied';
    if (isFailure) result['error.type'] = String(event.status ?? event.reason ?? event.evidence);
    const { span, isMeasured = false } = requests.get(keyOf(event)) ?? {};
    requests.delete(keyOf(event));
    span?.setAttributes({ ...result, 'ticket_lifecycle.evidence': event.evidence });
    if (isFailure) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    if (http === 'none' || isMeasured) return;
    instruments().requestDuration.record(event.durationMs / 1000, {
      ...describe(event),
      ...result,
    });
  }

  function endChange(event: Extract<WorkflowEvent, { type: 'ended' }>): void {
    const { outcome } = event;
    const name = outcome.event ?? 'move';
    const attributes = { 'ticket_lifecycle.outcome': outcome.kind, 'ticket_lifecycle.event': name };
    const { changeCount, changeWait } = instruments();
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

  function changeOf({ changeId }: Pick<EventSubject, 'changeId'>): OpenSpan | undefined {
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

/** How often the same request was sent before: a change that is sent again after a doubt counts. */
function resendsOf({ method, attempt }: RequestInfo, change: OpenSpan | undefined): number {
  if (method !== 'POST' || change === undefined) return attempt - 1;
  change.writes += 1;
  return change.writes - 1;
}

/** The attributes of the semantic conventions that have few enough values for metrics. */
function describe({ method, url, template }: RequestInfo): Attributes {
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': method,
    'url.template': template,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
