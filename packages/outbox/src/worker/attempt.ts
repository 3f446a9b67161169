import { systemClock } from '@ticket-lifecycle/series';
import type { Deliver, DeliveryJob } from '../model/delivery.ts';
import { FencedError } from '../model/errors.ts';
import type { OutboxEvent } from '../model/outbox.ts';
import type { Claimed, Store } from '../model/store.ts';
import { createDeliveryLimiter } from './delivery-limiter.ts';
import { backoffMs, checkEnding, endClaim, type AttemptEnd } from './end-claim.ts';
import type { FleetLimiter } from './fleet-limiter.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { storeFollowUps } from './store-follow-ups.ts';

/** What one attempt to deliver a change needs. */
export interface AttemptOptions {
  readonly store: Pick<Store<never>, 'accept'>;
  readonly ledger: Ledger;
  readonly limiter: FleetLimiter;
  readonly deliver: Deliver;
  readonly emit: (event: OutboxEvent) => void;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
}

const lookAgainMs = 250;

/** The claim was answered later than it was asked for, so the earliest moment lies further back. */
function doubtOf({ doubtMs, doubtFromMs }: Claimed, askedAt: number): DeliveryJob['doubt'] {
  if (doubtMs === null) return undefined;
  const fromMs = doubtFromMs === null ? undefined : doubtFromMs + performance.now() - askedAt;
  return { sinceMs: doubtMs, fromMs };
}

const seenAt = (ageMs: number) => Math.floor(systemClock.now() - ageMs);

/**
 * Delivers one claim and writes its end down. The end is written in any case: whether the claim was
 * still held is decided by the store, and not by what this process believes.
 */
export async function attemptClaim(
  holding: Holding,
  options: AttemptOptions,
  { askedAt, cut }: { readonly askedAt: number; readonly cut: AbortSignal },
): Promise<void> {
  const { claimed, life } = holding;
  const own = createDeliveryLimiter(claimed, holding, options);
  const ending = await deliverClaim(holding, options, {
    doubt: doubtOf(claimed, askedAt),
    rateLimiter: own.rateLimiter,
    hasGranted: own.hasGranted,
    cut,
  });
  own.giveBack();
  const end = endClaim(life.id, claimed, ending, options.maxAttempts);
  const stands = await options.ledger.end(end);
  const { id, change } = claimed;
  const { kind, reason } = end;
  options.emit(stands ? { type: 'ended', id, change, kind, reason } : { type: 'fenced', id });
}

interface OwnParts extends Pick<DeliveryJob, 'doubt' | 'rateLimiter'> {
  readonly hasGranted: () => boolean;
  readonly cut: AbortSignal;
}

async function deliverClaim(
  holding: Holding,
  { store, deliver, emit, timeoutMs }: AttemptOptions,
  { doubt, rateLimiter, hasGranted, cut }: OwnParts,
): Promise<AttemptEnd> {
  const { id, change, key, state, stateAgeMs, attempt } = holding.claimed;
  // Whether the delivery was ever told that it may send.
  let wasAllowed = false;
  const job: DeliveryJob = {
    id,
    change,
    key,
    attempt,
    doubt,
    rateLimiter,
    known: state === null ? undefined : { state, seenAt: seenAt(stateAgeMs ?? 0) },
    timeoutMs,
    async ensureHeld() {
      await holding.ensure();
      wasAllowed = true;
    },
    isHeld() {
      const isHeld = holding.isHeld();
      wasAllowed ||= isHeld;
      return isHeld;
    },
    signal: cut,
  };
  try {
    const ending = checkEnding(await deliver(job));
    if (ending.kind !== 'done' || ending.later === undefined) return ending;
    const onError = (error: unknown) => emit({ type: 'error', error });
    if (await storeFollowUps(store, ending.later, { signal: cut, onError })) return ending;
    throw new Error('The changes that it sets off could not be stored.');
  } catch (reason) {
    if (!FencedError.is(reason)) {
      return { kind: 'broken', reason, delayMs: backoffMs(attempt) };
    }
    const mayHaveSent = wasAllowed || hasGranted();
    return { kind: 'expired', reason, mayHaveSent, delayMs: lookAgainMs, isOutage: true };
  }
}
