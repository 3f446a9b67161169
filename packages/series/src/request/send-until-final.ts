import { checkOptions } from '@ticket-lifecycle/internal/option-checks';
import { tell } from '@ticket-lifecycle/internal/tell';
import { isThenable, waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { type ApiKey, takeKeyInTime } from './api-key.ts';
import { attempt, type AttemptContext, type OutgoingRequest } from './attempt.ts';
import {
  requestInfo,
  statusAndReason,
  type CallName,
  type RequestEventBody,
} from './request-event.ts';
import { isSystemTime, pause, stopwatch, waitUnlessAborted, wholeMs } from '../clock.ts';
import { type Evidence, HeldBack, heldUp } from './evidence.ts';
import { giveBack, leaseAnswer } from './give-back.ts';
import { pathTimeOf } from './path-time.ts';
import {
  type Lease,
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
} from '../limiter/lease.ts';
import { lowerCased, usable } from './added-headers.ts';
import { callChecks, type AttemptHooks, type CallOptions, type Effort } from './call-options.ts';
import type { RateLimiter } from '../limiter/rate-limiter.ts';
import { createRetries, type RetryPolicy } from './retry.ts';
import { warnOfTwoLimiters } from './two-limiters.ts';

/** What a client sends with. */
export interface RequestContext extends AttemptContext, RetryPolicy, AttemptHooks {
  readonly rateLimiter: RateLimiter;
  readonly keyId: string;
  readonly maxWaitMs: number;
}

/** A request, and how it may be sent. */
export interface RequestPlan extends OutgoingRequest {
  readonly call: CallName;
  readonly template: string;
  /** Requests of one lane go out in order, one at a time. */
  readonly lane: string;
  /** A read may be repeated in doubt, a write only if it surely was not processed. */
  readonly isRead: boolean;
}

/**
 * Sends a request until its evidence is final, the retries are spent, or the time is up.
 *
 * A 429 that does not contradict itself was surely not processed, so it costs no attempt: the request waits for a slot again, at
 * the head of its lane. So does one that was not ready to leave before its key paused, or its slot
 * was taken back. `retry.ts` decides about everything else.
 */
export async function sendUntilFinal(
  plan: RequestPlan,
  defaults: RequestContext,
  callOptions: CallOptions,
): Promise<Effort & { readonly evidence: Evidence }> {
  checkOptions(plan.call, callOptions, callChecks);
  const { timeoutMs = defaults.timeoutMs } = callOptions;
  const context = { ...defaults, timeoutMs };
  const { beforeSend, mayWrite, priority, maxWaitMs = context.maxWaitMs, onEvent } = callOptions;
  const signal = callOptions.signal ?? undefined;
  const { clock, rateLimiter, keyId } = context;
  const startedAt = clock.now();
  // A computer that slept has waited, too: what was known before is old.
  const sinceAskedMs = stopwatch(clock);
  const retryInMs = createRetries(plan.isRead, context);
  const emit = (number: number, body: RequestEventBody) =>
    tell(() => onEvent?.({ ...body, ...requestInfo(plan, number) }));
  let attempts = 0;
  let networkMs = 0;
  let latest: Evidence | undefined;
  let pathMs: number | undefined;
  // How often in a row the slot was taken back before the request was ready.
  let lateTimes = 0;
  let comesBack = false;

  for (;;) {
    emit(attempts + 1, { type: 'queued' });
    const lease = await takeSlot();
    // The same where no slot comes.
    if ('kind' in lease) return conclude(latest ?? lease);
    emit(attempts + 1, { type: 'slot', waitedMs: lease.waitedMs });
    try {
      const evidence = await sendIn(lease);
      // The evidence of an earlier attempt says more than that there was no time for another.
      if (latest !== undefined && evidence.kind === 'not-sent' && evidence.reason === 'expired') {
        giveBack(lease, { kind: 'not-sent' });
        return conclude(latest);
      }
      comesBack = isHeldUp(evidence);
      if (comesBack && lateTimes < mostLateTimes) {
        giveBack(lease, { kind: 'not-sent' });
        continue;
      }
      lateTimes = 0;
      latest = evidence;
      comesBack = evidence.kind === 'limited' || evidence.kind === 'not-sent';
      if (latest.kind === 'limited') continue;
      // A request that never left keeps its slot, and so its lane, until it is tried again: no other
      // request of its ticket may overtake it.
      if (latest.kind !== 'not-sent') giveBack(lease, leaseAnswer(latest, pathMs));
      const waitMs = isOver() ? undefined : retryInMs(latest, clock.now());
      if (waitMs === undefined) return conclude(latest);
      emit(attempts, { type: 'retrying', afterMs: wholeMs(waitMs) });
      await pause(clock, Math.min(waitMs, leftMs()), signal);
    } finally {
      // The slot must not be lost, whatever threw. Only the first release counts.
      giveBack(lease, latest === undefined ? { kind: 'not-sent' } : leaseAnswer(latest, pathMs));
    }
  }

  function leftMs(): number {
    return maxWaitMs - sinceAskedMs();
  }

  function isOver(): boolean {
    return isAborted() || leftMs() <= 0;
  }

  function isAborted(): boolean {
    return signal?.aborted === true;
  }

  async function takeSlot(): Promise<Lease | Evidence> {
    const waitMs = Math.max(0, leftMs());
    // To try again at the very end would be late. A first attempt leaves now or never.
    if (waitMs === 0 && (comesBack || latest !== undefined))
      return { kind: 'not-sent', reason: 'expired' };
    const wait = { signal, first: comesBack, priority, maxWaitMs: waitMs };
    try {
      return await rateLimiter.acquire(keyId, plan.lane, wait);
    } catch (cause) {
      if (isAborted()) return { kind: 'not-sent', reason: 'aborted' };
      if (WaitExpiredError.is(cause)) return { kind: 'not-sent', reason: 'expired' };
      if (LimiterClosedError.is(cause)) return { kind: 'not-sent', reason: 'aborted', cause };
      if (QueueFullError.is(cause)) return { kind: 'not-sent', reason: 'queue-full', cause };
      // Something was sent already, and how that ended must not be lost.
      if (latest !== undefined) return { kind: 'not-sent', reason: 'stopped', cause };
      throw cause;
    }
  }

  async function sendIn(lease: Lease): Promise<Evidence> {
    const aborted = { kind: 'not-sent', reason: 'aborted' } as const;
    let key: ApiKey;
    try {
      key = (await unlessAborted(takeKeyInTime(context.keys, context))) as ApiKey;
    } catch (cause) {
      return isAborted() ? aborted : { kind: 'not-sent', reason: 'no-api-key', cause };
    }
    warnOfTwoLimiters(context, key, clock.now());
    try {
      await inTime('beforeAttempt', context.beforeAttempt?.(requestInfo(plan, attempts + 1)));
    } catch (cause) {
      return isAborted() ? aborted : { kind: 'not-sent', reason: 'stopped', cause };
    }
    // `beforeAttempt` may abort, and `beforeSend` too.
    if (isAborted()) return aborted;
    try {
      await inTime('beforeSend', beforeSend?.());
    } catch (reason) {
      if (reason instanceof Aborted) return aborted;
      if (reason instanceof HookLate) return { kind: 'not-sent', reason: 'stopped', cause: reason };
      giveBack(lease, { kind: 'not-sent' });
      throw reason;
    }
    await lease.pace?.();
    if (isAborted()) return aborted;
    // The key and the hooks had `timeoutMs` each.
    if (leftMs() < 0) return { kind: 'not-sent', reason: 'expired' };
    if (!mayLeave(lease)) return heldUp();
    const sentAt = clock.now();
    attempts += 1;
    emit(attempts, { type: 'sent' });
    // Handshakes take their time by the process's own clock.
    const path =
      lease.measuresPath === true && isSystemTime(clock) ? pathTimeOf(plan.url) : undefined;
    const isLastOfConnection = path?.isStale();
    if (isLastOfConnection === true) path?.renewed();
    const evidence = await attemptWrapped(lease, key, isLastOfConnection);
    const durationMs = clock.now() - sentAt;
    networkMs += durationMs;
    // Where a 429 came all the same, the path may have become shorter.
    if (evidence.kind === 'limited') path?.forget();
    if (lease.measuresPath === true) pathMs = path === undefined ? 0 : path.floorMs();
    const shown = { evidence: evidence.kind, ...statusAndReason(evidence) };
    emit(attempts, { type: 'answered', durationMs, ...shown });
    const { evidence: kind, reason } = shown;
    const ended = { ...requestInfo(plan, attempts), durationMs, evidence: kind, reason };
    tell(() => context.afterAttempt?.({ ...ended, response: evidence.response }));
    // Nothing left: its next try is the same attempt.
    if (isHeldUp(evidence)) attempts -= 1;
    return evidence;
  }

  /** A hook that never ends must not hold its slot for ever. */
  function inTime(name: string, hook: unknown): unknown {
    if (!isThenable(hook)) return hook;
    const late = () => {
      throw new HookLate(`${name} did not end within ${timeoutMs} ms.`);
    };
    return unlessAborted(waitAtMost(timeoutMs, hook, late, clock));
  }

  /** Nothing has left yet, so whoever does not want to wait for it need not. */
  function unlessAborted(work: unknown): unknown {
    if (!isThenable(work)) return work;
    return waitUnlessAborted(work, signal, () => {
      throw new Aborted();
    });
  }

  /**
   * Whether its slot is still its own, and its key does not pause. One that a `fetch` which was passed in
   * has begun can't come back: it would not be sent at all, so it leaves in spite of a pause.
   */
  function mayLeave(lease: Lease, isBegun = false): boolean {
    const isInTime = lease.isInTime?.() !== false;
    if (!isInTime) lateTimes += 1;
    if (isBegun && !context.isOwnFetch) return isInTime;
    return isInTime && lease.mayLeave?.() !== false;
  }

  function attemptWrapped(
    lease: Lease,
    key: ApiKey,
    isLastOfConnection: boolean | undefined,
  ): Promise<Evidence> {
    let sent: Promise<Evidence> | undefined;
    const send = (added: Readonly<Record<string, string>> = {}) => {
      const headers = { ...usable(added), ...lowerCased(callOptions.headers) };
      // Aborting a read loses nothing but its answer.
      const stops = {
        mayLeave: (isBegun: boolean) => mayLeave(lease, isBegun),
        mayWrite,
        isLastOfConnection,
        signal: plan.isRead ? signal : undefined,
      };
      sent ??= attempt({ ...plan, headers }, key, context, stops);
    };
    // Whatever it does, the attempt is made once.
    tell(() => callOptions.wrapAttempt?.(requestInfo(plan, attempts), send));
    if (sent === undefined) send();
    return sent as unknown as Promise<Evidence>;
  }

  function conclude(evidence: Evidence) {
    return { evidence, attempts, waitedMs: wholeMs(clock.now() - startedAt - networkMs) };
  }
}

// A key or a hook that always takes longer than a slot is kept would never let its request leave.
const mostLateTimes = 3;

const isHeldUp = (evidence: Evidence): boolean =>
  evidence.kind === 'not-sent' && evidence.isHeldUp === true;

class HookLate extends HeldBack {}
class Aborted extends Error {}
