import type { RequestVerdict } from '../api/answer.ts';
import type { SandboxCall } from '../api/route.ts';
import type { FaultKind } from '../faults/fault-kinds.ts';
import { keepLatest, keepLatestEntries } from '../keep-latest.ts';
import { mostKeys } from '../limits/keys.ts';
import type { TicketStatus } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import { type KeyFigures, KeyMeter } from './key-figures.ts';

/**
 * One request: what came in, what was answered, and what it really did.
 *
 * @example
 * ```ts
 * import { createSandbox, type RecordedRequest } from '@ticket-lifecycle/sandbox';
 *
 * const sandbox = createSandbox();
 * await sandbox.fetch('/tickets/get/TICKET%201', { headers: { apikey: 'any' } });
 * const request: RecordedRequest | undefined = sandbox.requests.at(-1);
 * console.log(request?.path, request?.ticketId); // /tickets/get/TICKET%201 TICKET 1
 * ```
 */
export interface RecordedRequest {
  /** When it arrived, in milliseconds on the sandbox's clock. */
  readonly at: number;
  /** When the limit counted it and its effect took place; later than `at` under latency. */
  readonly countedAt: number;
  /** `key-1` for the first API key seen, and so on; undefined without one. Never the key. */
  readonly key: string | undefined;
  readonly method: string;
  /** Path and query. Over real HTTP exactly what came on the wire, `..` and all. */
  readonly path: string;
  /** The id in the path, percent-decoded once. */
  readonly ticketId: string | undefined;
  /** The name of the API call in the description of the API; undefined for an unknown one. */
  readonly call: SandboxCall | undefined;
  /** The parsed JSON, else the text; long bodies are cut and stay text. */
  readonly body: unknown;
  readonly headers: { readonly accept?: string; readonly 'content-type'?: string };
  /** The HTTP status that was sent; 0 when no answer was. */
  readonly status: number;
  readonly verdict: RequestVerdict;
  /** The fault that it met. Then `verdict` and `applied` say what is true, `status` what was sent. */
  readonly fault: FaultKind | undefined;
  /** Whether it took a place in the limit of its key. */
  readonly counted: boolean;
  /** Whether the API carried it out, whatever the client was told. */
  readonly applied: boolean;
  /** Where the ticket stood right before; undefined when there was none. */
  readonly from: TicketStatus | undefined;
  /** The status that it asked for, whatever became of it; `in-progress` for a claim. */
  readonly to: TicketStatus | undefined;
}

/** A summary of the request log and the tickets, as plain data. */
export interface SandboxRecord {
  readonly requests: number;
  /** How often each HTTP status was answered. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** How many requests the limit refused (429). */
  readonly limited: number;
  /** How many requests met each fault. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** The figure of the key that has the highest; see {@link KeyFigures}. */
  readonly mostAdmittedInOneSecond: number;
  /** The figure of the key that has the highest; see {@link KeyFigures}. */
  readonly mostArrivedInOneSecond: number;
  /** The figure of the key that has the highest; see {@link KeyFigures}. */
  readonly steadyUse: number | undefined;
  readonly byKey: Readonly<Record<string, KeyFigures>>;
  /** How many status changes the API carried out. */
  readonly statusWrites: number;
  readonly systemMessages: number;
  readonly ticketsByStatus: Readonly<Record<TicketStatus, number>>;
}

export class RequestRecord {
  readonly #maxRecorded: number;
  readonly #recorded: RecordedRequest[] = [];
  readonly #meters = new Map<string, KeyMeter>();
  readonly #byStatus: Record<string, number> = {};
  readonly #faults: Partial<Record<FaultKind, number>> = {};
  readonly #listeners = new Set<(request: RecordedRequest) => void>();
  #requests = 0;
  #arrived = 0;
  #limited = 0;
  #statusWrites = 0;

  constructor(maxRecorded: number) {
    this.#maxRecorded = maxRecorded;
  }

  get recorded(): readonly RecordedRequest[] {
    return this.#recorded;
  }

  /** How many requests have arrived and are not recorded yet. */
  get underWay(): number {
    return this.#arrived - this.#requests;
  }

  /** Must be called at the moment of arrival, so that arrivals stay in order. */
  arrive(key: string | undefined, at: number): void {
    this.#arrived += 1;
    if (key !== undefined) this.#meterOf(key).arrive(at);
  }

  add(request: RecordedRequest): void {
    this.#requests += 1;
    this.#byStatus[request.status] = (this.#byStatus[request.status] ?? 0) + 1;
    const { fault, key } = request;
    if (fault !== undefined) this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    if (request.applied && request.to !== undefined) this.#statusWrites += 1;
    if (request.verdict === 'limited') this.#limited += 1;
    if (request.counted && key !== undefined) this.#meterOf(key).admit(request.countedAt);

    this.#recorded.push(Object.freeze(request));
    keepLatest(this.#recorded, this.#maxRecorded);
    for (const listener of this.#listeners) listener(request);
  }

  /** Calls back for each request to come. Answers a function that ends it. */
  watch(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  summary(tickets: Tickets, requestsPerSecond: number): SandboxRecord {
    const meters = [...this.#meters];
    const byKey = meters.map(([key, meter]) => [key, meter.figures(requestsPerSecond)] as const);
    const highest = (pick: (figures: KeyFigures) => number | undefined) =>
      byKey
        .map(([, figures]) => pick(figures))
        .reduce((most, one) => (one === undefined ? most : Math.max(one, most ?? one)), undefined);
    const ticketsByStatus = { open: 0, 'in-progress': 0, resolved: 0, closed: 0 };
    for (const { status } of tickets) ticketsByStatus[status] += 1;
    return {
      requests: this.#requests,
      byStatus: { ...this.#byStatus },
      limited: this.#limited,
      faults: { ...this.#faults },
      mostAdmittedInOneSecond: highest((figures) => figures.mostAdmittedInOneSecond) ?? 0,
      mostArrivedInOneSecond: highest((figures) => figures.mostArrivedInOneSecond) ?? 0,
      steadyUse: highest((figures) => figures.steadyUse),
      byKey: Object.fromEntries(byKey),
      statusWrites: this.#statusWrites,
      systemMessages: tickets.systemMessageCount,
      ticketsByStatus,
    };
  }

  #meterOf(key: string): KeyMeter {
    const meter = this.#meters.get(key) ?? new KeyMeter();
    this.#meters.set(key, meter);
    keepLatestEntries(this.#meters, mostKeys);
    return meter;
  }
}
