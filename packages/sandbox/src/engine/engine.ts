import { describeApi } from '../api/openapi.ts';
import { createCalendar, createProcessTime } from '../clock.ts';
import { createFaultEffects, injectedAnswers } from '../faults/fault-effects.ts';
import { createFaultSchedule, type FaultSchedule } from '../faults/fault-schedule.ts';
import { createRateLimit, type LimitAlgorithm } from '../limits/create-rate-limit.ts';
import { createKeys } from '../limits/keys.ts';
import { shareWithStranger } from '../limits/stranger.ts';
import { type DelayRange, guessedOptions, type SandboxOptions } from '../options.ts';
import { createRandom } from '../random.ts';
import { RequestRecord } from '../record/request-record.ts';
import { Tickets } from '../tickets/tickets.ts';
import { createChecks } from './checks.ts';
import { createRequestHandler, type IncomingRequest, type SentAnswer } from './handle-request.ts';

/** The server without a network; `handle-request.ts` explains what it does with a request. */
export interface Engine {
  readonly handle: (incoming: IncomingRequest) => Promise<SentAnswer>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tickets: Tickets;
  readonly faults: FaultSchedule;
  readonly record: RequestRecord;
  readonly requestsPerSecond: number;
  readonly limit: LimitAlgorithm | 'none';
  readonly dateOf: (at: number) => Date;
  /** What the record calls an API key. */
  readonly labelOf: (key: string) => string | undefined;
  /** How full the limit of each key is, from 0 to 1. */
  readonly fills: () => Readonly<Record<string, number>>;
}

export function createEngine(options: SandboxOptions): Engine {
  const {
    limit = 'sliding-log',
    requestsPerSecond = 25,
    burst = 5,
    stranger,
    delayMs = {},
    seed = 1,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    startedAt,
    maxRecordedRequests = 100_000,
    unclaimBody = 'nothing',
  } = options;

  const processTime = createProcessTime();
  const clock = options.clock ?? processTime;
  const now = () => clock.now();
  const from = now();
  const calendar = createCalendar(clock, startedAt ?? new Date());
  const followsProcess = options.clock === undefined && startedAt === undefined;
  const dateOf = followsProcess ? (at: number) => processTime.dateOf(at) : calendar;
  // Nobody sets back the clock of the limit.
  const wallTimeOf = (at: number) => calendar(at).getTime();
  const tickets = new Tickets(options, { now, dateOf, mostMessages: maxRecordedRequests });
  for (const ticket of options.tickets ?? []) tickets.add(ticket);
  const record = new RequestRecord(maxRecordedRequests);
  const faults = createFaultSchedule();
  const keys = createKeys((keysBefore) => {
    if (limit === 'none') return undefined;
    const own = createRateLimit({ algorithm: limit, requestsPerSecond, burst, wallTimeOf });
    return stranger === undefined
      ? own
      : shareWithStranger(own, { ...stranger, seed: seed + keysBefore, from });
  });
  const random = createRandom(seed);
  const latency = async (range: DelayRange | undefined): Promise<void> => {
    if (range === undefined) return;
    const [min, max] = range;
    await sleep(min + random() * (max - min));
  };
  const handle = createRequestHandler({
    now,
    dateOf,
    wait: {
      beforeCounting: () => latency(delayMs.beforeCounting),
      beforeAnswering: () => latency(delayMs.beforeAnswering),
    },
    keys,
    faults,
    effects: createFaultEffects(options),
    describe: () =>
      describeApi({ unclaimBody, requestsPerSecond, guessedOptions, injected: injectedAnswers() }),
    checks: createChecks(tickets, dateOf, options),
    tickets,
    record,
  });
  const facts = { tickets, faults, record, requestsPerSecond, limit, dateOf };
  const labelOf = (key: string) => keys.identify(key)?.label;
  return { handle, sleep, ...facts, labelOf, fills: () => keys.fills(now()) };
}
