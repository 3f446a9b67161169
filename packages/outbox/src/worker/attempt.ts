import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { systemClock } from '@ticket-lifecycle/series';
import type { Deliver, DeliveryJob } from '../model/delivery.ts';
import { FencedError } from '../model/errors.ts';
import type { OutboxEvent } from '../model/outbox.ts';
import type { Claimed } from '../model/claim.ts';
import type { Store } from '../model/store.ts';
import { createAttemptEvidence } from './attempt-evidence.ts';
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
  readonly onError: (error: unknown) => void;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly deliveryTimeoutMs: number;
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
  const evidence = createAttemptEvidence();
  const own = createDeliveryLimiter(claimed, holding, { ...options, note: evidence.note });
  const ending = await deliverClaim(claimed, options, {
    doubt: doubtOf(claimed, askedAt),
    rateLimiter: own.rateLimiter,
    right: { ...holding, isHeld: () => holding.isHeld() && own.isInTime() },
    hasGranted: own.hasGranted,
    note: evidence.note,
    cut,
  });
  holding.end();
  own.giveBack();
  const end = endClaim(life.id, claimed, ending, options.maxAttempts);
  // A `deliver` of one's own may send without a slot.
  const askedNothing = ending.kind === 'done' ? ending.askedNothing === true : !own.hasGranted();
  const stands = await options.ledger.end({
    ...end,
    askedNothing,
    change: claimed.change,
    evidence: evidence.entries(),
  });
  const { id, change } = claimed;
  // The clock of the store may have been set back since.
  const acceptedMs = Math.max(0, Math.round(claimed.acceptedMs + performance.now() - askedAt));
  const { kind, reason } = end;
  const assumed = 'assumed' in ending && ending.assumed ? { assumed: true as const } : {};
  options.emit(
    stands
      ? { type: 'ended', id, change, kind, reason, acceptedMs, ...assumed }
      : { type: 'fenced', id },
  );
}

interface OwnParts extends Pick<DeliveryJob, 'doubt' | 'rateLimiter' | 'note'> {
  readonly right: Holding;
  readonly hasGranted: () => boolean;
  readonly cut: AbortSignal;
}

async function deliverClaim(
  { id, change, key, state, stateAgeMs, attempt }: Claimed,
  { store, deliver, onError, timeoutMs, deliveryTimeoutMs }: AttemptOptions,
  { doubt, rateLimiter, right, hasGranted, note, cut }: OwnParts,
): Promise<AttemptEnd> {
  const tooLong = new AbortController();
  const job: DeliveryJob = {
    id,
    change,
    key,
    attempt,
    doubt,
    rateLimiter,
    known: state === null ? undefined : { state, seenAt: seenAt(stateAgeMs ?? 0) },
    timeoutMs,
    ensureHeld: () => right.ensure(),
    isHeld: () => right.isHeld(),
    note,
    signal: AbortSignal.any([cut, tooLong.signal]),
  };
  /** What it has sent is in doubt, and it sends nothing more. */
  function giveUp(): never {
    right.end();
    const error = new Error(`The delivery did not end within ${deliveryTimeoutMs} ms.`);
    tooLong.abort(error);
    throw error;
  }
  try {
    const ending = checkEnding(await waitAtMost(deliveryTimeoutMs, deliver(job), giveUp));
    if (ending.kind !== 'done' || ending.later === undefined) return ending;
    if (await storeFollowUps(store, ending.later, { id, signal: cut, onError })) return ending;
    throw new Error('The changes that it sets off could not be stored.');
  } catch (reason) {
    if (!FencedError.is(reason)) {
      return { kind: 'broken', reason, delayMs: backoffMs(attempt) };
    }
    const mayHaveSent = right.wasGiven() || hasGranted();
    return { kind: 'expired', reason, mayHaveSent, delayMs: lookAgainMs, isOutage: true };
  }
}
