import type { ApiKey } from './api-key.ts';
import { attempt, type AttemptContext, type OutgoingRequest } from './attempt.ts';
import { answerOf, type CallName, type CallStep, type StepListener } from './call-step.ts';
import { pause, type Clock } from './clock.ts';
import type { Evidence } from './evidence.ts';
import type { AcquireOptions, Lease, LeaseAnswer, Priority } from './lease.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { backoffMs, type RetryBudget } from './retry.ts';

/** How to make a call. */
export interface CallOptions {
  /**
   * Stops the call while it waits. A request under way is seen to its end, for `timeoutMs` at
   * most: cutting it would lose nothing but its answer.
   */
  readonly signal?: AbortSignal | undefined;
  /** Asked when the slot has come, right before each request. Throw to send nothing after all. */
  readonly beforeSend?: (() => void) | undefined;
  /**
   * Whose turn comes sooner when many wait for the budget.
   *
   * @defaultValue 'normal'
   */
  readonly priority?: Priority | undefined;
  /**
   * How long this call may go on before its last attempt is sent.
   *
   * @defaultValue the client's
   */
  readonly maxWaitMs?: number | undefined;
  /** Is told each step of the call. */
  readonly onStep?: StepListener | undefined;
}

/** What a call has cost. */
export interface Effort {
  /** Requests that were handed to the network. */
  readonly attempts: number;
  /** Milliseconds spent waiting for slots, pauses and retries. */
  readonly waitedMs: number;
}

/** What a client sends with. */
export interface DeliveryContext extends AttemptContext {
  readonly rateLimiter: RateLimiter;
  readonly keyId: string;
  readonly maxWaitMs: number;
  readonly retryForMs: number;
  readonly retryBudget: RetryBudget;
  readonly random: () => number;
}

/** A request, and how it may be treated. */
export interface Parcel extends OutgoingRequest {
  readonly call: CallName;
  readonly template: string;
  /** Requests of one lane go out in order, one at a time. */
  readonly lane: string;
  /** Reads may be sent again in doubt. Writes only where they surely were not processed. */
  readonly isRead: boolean;
}

// How often a read is tried that gets no usable answer; a 429 does not count.
const mostReads = 4;

/** Sends a request until the evidence is final, the attempts are spent, or the time is up. */
export async function deliver(
  parcel: Parcel,
  context: DeliveryContext,
  { signal, beforeSend, onStep, priority, maxWaitMs = context.maxWaitMs }: CallOptions,
): Promise<Effort & { readonly evidence: Evidence }> {
  const { clock, rateLimiter, keyId, retryForMs, retryBudget, random } = context;
  const startedAt = clock.now();
  let attempts = 0;
  let spent = 0;
  let failingSince: number | undefined;
  let networkMs = 0;
  let latest: Evidence | undefined;

  for (;;) {
    tell({ type: 'queued' });
    const slot = await takeSlot(latest?.kind === 'limited' || latest?.kind === 'not-sent');
    // What a request has shown says more than that there was no time for another.
    if ('kind' in slot) return conclude(latest ?? slot);
    tell({ type: 'slot', waitedMs: slot.waitedMs });
    try {
      latest = await sendIn(slot);
      if (latest.kind === 'limited') {
        slot.release(latest);
        continue;
      }
      // A request that never left keeps its slot, and so its ticket's lane, until it is tried
      // again: nothing of the same ticket may overtake it meanwhile.
      if (latest.kind !== 'not-sent') slot.release(leaseAnswer(latest));
      const retryInMs = nextRetryInMs(latest);
      if (retryInMs === undefined) return conclude(latest);
      tell({ type: 'retrying', afterMs: retryInMs });
      await pause(clock, Math.min(retryInMs, leftMs()), signal);
      slot.release(leaseAnswer(latest));
    } finally {
      // Whatever broke, the slot must not be lost. After a release this does nothing.
      slot.release({ kind: latest?.kind === 'not-sent' ? 'not-sent' : 'silent' });
    }
  }

  function leftMs(): number {
    return startedAt + maxWaitMs - clock.now();
  }

  function isOver(): boolean {
    return signal?.aborted === true || leftMs() <= 0;
  }

  async function takeSlot(first: boolean): Promise<Lease | Evidence> {
    const wait: AcquireOptions = { signal, first, priority, maxWaitMs: leftMs() };
    try {
      return await rateLimiter.acquire(keyId, parcel.lane, wait);
    } catch (cause) {
      if (signal?.aborted === true) return { kind: 'not-sent', reason: 'aborted' };
      // By name: a limiter may come from another copy of this package.
      switch ((cause as Error | undefined)?.name) {
        case 'WaitExpiredError':
          return { kind: 'not-sent', reason: 'expired' };
        case 'LimiterClosedError':
          return { kind: 'not-sent', reason: 'aborted' };
        case 'QueueFullError':
          return { kind: 'not-sent', reason: 'queue-full', cause };
        default:
          throw cause;
      }
    }
  }

  async function sendIn(lease: Lease): Promise<Evidence> {
    let key: ApiKey | undefined;
    try {
      const taken = context.keys.take();
      key = taken instanceof Promise ? await inTime(taken, context) : taken;
      if (isOver()) return stopped();
      beforeSend?.();
    } catch (reason) {
      if (key === undefined) return { kind: 'not-sent', reason: 'no-api-key', cause: reason };
      lease.release({ kind: 'not-sent' });
      throw reason;
    }
    const sentAt = clock.now();
    attempts += 1;
    tell({ type: 'sent' });
    const evidence = await attempt(parcel, key, context);
    const durationMs = clock.now() - sentAt;
    networkMs += durationMs;
    tell({ type: 'answered', durationMs, evidence: evidence.kind, ...answerOf(evidence) });
    return evidence;
  }

  /** When to try again, or `undefined` where that is of no use, not safe, or too late. */
  function nextRetryInMs(evidence: Evidence): number | undefined {
    const now = clock.now();
    spent += 1;
    failingSince ??= now;
    if (!mayRepeat(evidence, parcel) || isOver()) return undefined;
    const waitMs = Math.max(backoffMs(spent, random), retryBudget.waitMs(now));
    const isSpent =
      evidence.kind === 'not-sent' ? now + waitMs > failingSince + retryForMs : spent >= mostReads;
    if (isSpent) return undefined;
    retryBudget.take(now);
    return waitMs;
  }

  function stopped(): Evidence {
    return { kind: 'not-sent', reason: signal?.aborted === true ? 'aborted' : 'expired' };
  }

  function conclude(evidence: Evidence) {
    return { evidence, attempts, waitedMs: clock.now() - startedAt - networkMs };
  }

  function tell(step: StepDetails): void {
    if (onStep === undefined) return;
    const { call, template, method, url } = parcel;
    const isNext = step.type === 'queued' || step.type === 'slot';
    const request = { call, template, url: url.href, attempt: isNext ? attempts + 1 : attempts };
    try {
      onStep({ ...step, ...request, method: method === 'get' ? 'GET' : 'POST' });
    } catch {
      // Watching must not change what is watched.
    }
  }
}

type StepDetails = CallStep extends infer Step
  ? Step extends CallStep
    ? Omit<Step, 'call' | 'template' | 'method' | 'url' | 'attempt'>
    : never
  : never;

function mayRepeat(evidence: Evidence, { isRead }: Parcel): boolean {
  if (evidence.kind === 'not-sent') return evidence.reason === 'could-not-connect';
  const isUseless =
    evidence.kind === 'unknown' || (evidence.kind === 'applied' && evidence.answer !== 'complete');
  return isRead && isUseless;
}

/** A function that never gives its key must not hold a slot for ever. */
async function inTime<Key>(
  key: Promise<Key>,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<Key> {
  const late = Promise.withResolvers<never>();
  const timer = clock.setTimeout(
    () => late.reject(new Error(`the apiKey function gave nothing within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([key, late.promise]);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** What the limiter has to know of an attempt: when the server can have counted it. */
function leaseAnswer(evidence: Evidence): LeaseAnswer {
  switch (evidence.kind) {
    case 'limited':
      return evidence;
    case 'not-sent':
      return { kind: 'not-sent' };
    case 'unknown':
      return { kind: evidence.status === undefined ? 'silent' : 'answered' };
    default:
      return { kind: 'answered' };
  }
}
