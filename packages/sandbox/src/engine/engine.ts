import { render } from '../api/answer.ts';
import { type Body, parseBody, recordedBody } from '../api/body.ts';
import { createCalendar } from '../clock.ts';
import type { Delivery } from '../faults/damage.ts';
import { createFaultEffects } from '../faults/fault-effects.ts';
import { createFaults, type FaultBook } from '../faults/fault-schedule.ts';
import { createJudge } from './checks.ts';
import { createKeys } from '../limits/keys.ts';
import { createLatency } from './latency.ts';
import { describeApi } from '../api/openapi.ts';
import type { SandboxOptions } from '../options.ts';
import { createRateLimit, type LimitAlgorithm } from '../limits/create-rate-limit.ts';
import { type RecordedRequest, RequestRecord } from '../record/request-record.ts';
import { findRoute } from '../api/route.ts';
import { routes } from '../api/routes.ts';
import { type Court, rule } from './handle-request.ts';
import { shareWithStranger } from '../limits/stranger.ts';
import { Tickets } from '../tickets/tickets.ts';

/** A request, however it came. */
export interface Incoming {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly header: (name: string) => string | null | undefined;
  /** Never rejects: a client that hangs up halfway has sent nothing that could be acted on. */
  readonly readText: () => Promise<string>;
}

/** The server without a network: one request in, what becomes of its answer out. */
export interface Engine {
  readonly handle: (incoming: Incoming) => Promise<Delivery>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tickets: Tickets;
  readonly faults: FaultBook;
  readonly record: RequestRecord;
  readonly requestsPerSecond: number;
  readonly limit: LimitAlgorithm | 'none';
  readonly dateOf: (at: number) => Date;
  /** How full the limit of each key is, from 0 to 1. */
  readonly fills: () => Readonly<Record<string, number>>;
}

const unread: Body = { text: '' };

export function createEngine(options: SandboxOptions): Engine {
  const {
    requestsPerSecond = 25,
    delayMs = {},
    seed = 1,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    clock = performance,
    startedAt = new Date(),
    maxRecordedRequests = 100_000,
  } = options;

  const now = () => clock.now();
  const dateOf = createCalendar(clock, startedAt);
  const wait = createLatency(seed, sleep);
  const record = new RequestRecord(maxRecordedRequests);
  const tickets = new Tickets(options, { now, dateOf, mostMessages: maxRecordedRequests });
  for (const ticket of options.tickets ?? []) tickets.add(ticket);
  const judge = createJudge(tickets, dateOf, options);
  const court: Court = { judge, tickets, dateOf, effects: createFaultEffects(options) };
  const faults = createFaults();
  const keys = createKeys(limitsOf(options, now(), dateOf));
  let seen = 0;

  const handle = async (incoming: Incoming): Promise<Delivery> => {
    const { method, target, header } = incoming;
    if (method === 'GET' && target === '/openapi.json') {
      return { how: 'whole', answer: render({ verdict: 'ok', status: 200, body: describeApi() }) };
    }
    const at = now();
    const key = keys.identify(header('apikey') || header('x-api-key'));
    const match = findRoute(routes, method, target);
    const { ticketId } = match;
    const note = (body: Body, facts: FactsOfRuling) => {
      record.add({
        at,
        key: key?.label,
        method,
        path: target,
        ticketId,
        call: match.kind === 'found' ? match.route.description.operationId : undefined,
        body: recordedBody(body),
        headers: recordedHeaders(header),
        ...facts,
      });
    };
    record.arrive(key?.label, at);
    seen += 1;
    const fault = faults.choose({ method, path: target, ticketId, key: key?.label, number: seen });
    const effect = fault && court.effects[fault.kind];
    if (effect?.at === 'arrival') {
      const from = ticketId === undefined ? undefined : tickets.get(ticketId)?.status;
      note(unread, {
        countedAt: at,
        fault: fault?.kind,
        verdict: 'not-judged',
        status: 0,
        counted: false,
        applied: false,
        from,
        to: undefined,
      });
      return { how: effect.how };
    }

    const body = parseBody(await incoming.readText());
    await wait(delayMs.beforeCounting);
    // From here to the record nothing waits: a request is counted, carried out and recorded at
    // one moment, so the order of the record is the order of the effects.
    const countedAt = now();
    const ruling = rule(court, { key, target, match, body, countedAt }, fault);
    const { answer, how, ...facts } = ruling;
    const isAnswered = how !== 'silent' && how !== 'reset';
    note(body, { countedAt, ...facts, status: isAnswered ? answer.status : 0 });

    try {
      await wait(delayMs.beforeAnswering);
    } finally {
      if (facts.counted) key?.limit?.release?.();
    }
    return isAnswered ? { how, answer: render(answer) } : { how };
  };

  return {
    handle,
    sleep,
    tickets,
    faults,
    record,
    requestsPerSecond,
    limit: options.limit ?? 'sliding-log',
    dateOf,
    fills: () => keys.fills(now()),
  };
}

type FactsOfRuling = Pick<
  RecordedRequest,
  'countedAt' | 'status' | 'verdict' | 'fault' | 'counted' | 'applied' | 'from' | 'to'
>;

function limitsOf(
  { limit = 'sliding-log', requestsPerSecond = 25, burst = 5, seed = 1, stranger }: SandboxOptions,
  from: number,
  dateOf: (at: number) => Date,
) {
  const wallTimeOf = (at: number) => dateOf(at).getTime();
  return (keysBefore: number) => {
    if (limit === 'none') return undefined;
    const own = createRateLimit({ algorithm: limit, requestsPerSecond, burst, wallTimeOf });
    return stranger === undefined
      ? own
      : shareWithStranger(own, { ...stranger, seed: seed + keysBefore, from });
  };
}

function recordedHeaders(header: Incoming['header']): RecordedRequest['headers'] {
  const accept = header('accept');
  const contentType = header('content-type');
  return {
    ...(accept ? { accept } : {}),
    ...(contentType ? { 'content-type': contentType } : {}),
  };
}
