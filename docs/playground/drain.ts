import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox, type LimitAlgorithm, type Sandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';

/** Who keeps to the limit: our limiter, or a counter that counts what it sends. */
export type Sender = (typeof senders)[number];

export const senders = ['limiter', 'counter'] as const;

/** What to drain. */
export interface DrainOptions {
  readonly count: number;
  readonly sender: Sender;
  readonly limit: LimitAlgorithm;
}

/** A drain that is under way. */
export interface Drain {
  readonly sender: Sender;
  readonly sandbox: Sandbox;
  readonly startedAt: number;
  readonly done: Promise<void>;
}

/** Sends as many changes as were asked for, all at once, to a sandbox of their own. */
export function startDrain({ count, sender, limit }: DrainOptions): Drain {
  const ticketIds = Array.from({ length: count }, (_, index) => `TICKET-${index + 1}`);
  const sandbox = createSandbox({
    tickets: ticketIds.map((ticketId) => ({ ticketId })),
    limit,
    // A first burst opens connections and comes late, the next comes early: so it is out there.
    delayMs: { beforeCounting: [0, 80], beforeAnswering: [5, 10] },
    seed: 7,
  });
  const send = sender === 'limiter' ? throughLimiter : throughCounter;
  return { sender, sandbox, startedAt: performance.now(), done: send(sandbox, ticketIds) };
}

async function throughLimiter({ fetch }: Sandbox, ticketIds: readonly string[]): Promise<void> {
  const client = createSeriesClient({ apiKey: 'playground', fetch });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  await Promise.all(
    ticketIds.map((id) => workflow.apply(id, 'START', { staffUserId: 7, from: 'open' })),
  );
}

const perSecond = 25;

/** 25 each second, by the clock: what most of us would write. A 429 is not sent again. */
async function throughCounter({ fetch }: Sandbox, ticketIds: readonly string[]): Promise<void> {
  const init = {
    method: 'POST',
    headers: { apikey: 'playground', 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'in-progress', staffUserId: 7 }),
  };
  const sent: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let at = 0; at < ticketIds.length; at += perSecond) {
    const dueAt = startedAt + (1000 * at) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
    for (const id of ticketIds.slice(at, at + perSecond))
      sent.push(fetch(`/tickets/${id}/status`, init));
  }
  await Promise.all(sent);
}

/** A point of the curve: how many requests arrived in the second that ends there. */
export interface CurvePoint {
  readonly seconds: number;
  readonly arrived: number;
}

const mostTicks = 25;

/** The whole seconds that an axis shows: so many at most, however long it is. */
export function ticksOf(seconds: number): readonly number[] {
  const step = Math.max(1, Math.ceil(seconds / mostTicks));
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

const stepMs = 100;

/** How many requests the second before each moment held, as the server counted them. */
export function curveOf({ sandbox, startedAt }: Drain, until: number): CurvePoint[] {
  const moments = sandbox.requests.map(({ countedAt }) => countedAt - startedAt);
  const steps = Array.from({ length: Math.floor(until / stepMs) + 1 }, (_, step) => step * stepMs);
  // A second is fullest when a request has just come, so these moments are points as well.
  return [...steps, ...moments]
    .toSorted((one, other) => one - other)
    .map((ms) => ({
      seconds: ms / 1000,
      arrived: moments.filter((at) => at > ms - 1000 && at <= ms).length,
    }));
}
