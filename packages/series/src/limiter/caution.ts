import { type Climb, createClimb, longestTrialWaitMs } from './climb.ts';
import { type Caution, ladderOf, type PacingPolicy } from './policy.ts';
import { windowMs } from './slots.ts';

// How a key learns what its server takes
//
// A 429 although the budget was kept has one of four reasons: the server allows fewer requests in a
// second, or fewer at once, or takes them only evenly spread, or somebody else spends the budget. One
// 429 can't tell which. So the key steps back in all three ways, to what the server had just taken:
// one policy down, the requests of the last second (half of its rate at least), and the requests that
// were under way. Then it raises one of the three at a time, as `climb.ts` says. A 429 during such a
// trial, or soon after it, speaks against that trial alone. What was not the reason is soon back at its top, and what
// was settles at the server's own limit.
//
// Not evidence: a request that was sent before the last step down, and one of the first second of
// this process, which an earlier process may have used up. A key that was idle for ten minutes starts
// anew.

/** What was seen of a request that was answered 429. */
export interface RefusedRequest {
  /** The `stage` in which it was sent, and when. */
  readonly stage: number;
  readonly sentAt: number;
  /** The most others that the server can have counted in the second before it. */
  readonly others: number;
  /** How many others were under way when it was sent. */
  readonly othersUnderWay: number;
  /** Whether it may have been sent too soon, because slots were free sooner by a measured time. */
  readonly isMeasured: boolean;
}

/** A change of how a key sends. */
export interface CautionStep {
  readonly from: Caution;
  readonly to: Caution;
}

/** How cautiously a key sends. */
export interface CautionControl {
  readonly current: Caution;
  /** Counts the changes: requests of one stage were sent in the same way. */
  readonly stage: number;
  /** Whether nothing was learned, or all was forgotten again. */
  readonly isUntouched: boolean;
  /** When a bolder way is tried next; `undefined` where there is none. */
  readonly triesHigherAt: number | undefined;
  /** Weighs a 429, and steps down if it is evidence. */
  refused(request: RefusedRequest, at: number): CautionStep | undefined;
  /** Notes a request that the server took. */
  taken(stage: number): void;
  /** Tries a bolder way if it is time. Called while there is something to send. */
  advance(now: number): CautionStep | undefined;
  /** Forgets what was learned. */
  reset(): CautionStep | undefined;
}

export interface CautionOptions {
  readonly policy: PacingPolicy;
  readonly requestsPerSecond: number;
  readonly stepUpAfterMs: number;
  readonly startedAt: number;
}

// A trial has proven itself only when so many requests were taken.
const trialRequests = 5;
// What is kept of a rate that was too high: a bucket had also taken what it had saved up.
const mostKept = 0.8;
// One at a time is the last resort: it costs most where the way is long.
const slowShare = 5;
const longQuietMs = 20_000;
const inOrder = ['policy', 'rate', 'underWay'] as const;

/** A key that sent nothing for so long would have tried everything by then. */
export const forgottenAfterMs = longestTrialWaitMs;

export function createCaution(options: CautionOptions): CautionControl {
  const { policy, requestsPerSecond, stepUpAfterMs, startedAt } = options;
  const ladder = ladderOf(policy);
  const top: Caution = { policy, requestsPerSecond, mostUnderWay: undefined };
  const create = () => ({
    policy: createClimb(ladder.length, stepUpAfterMs),
    rate: createClimb(requestsPerSecond, stepUpAfterMs),
    underWay: createClimb(requestsPerSecond, stepUpAfterMs),
  });
  let climbs = create();
  let current = top;
  let stage = 0;
  let loweredIn = 0;
  let isUntouched = true;
  let activeAt = startedAt;
  let trial: { readonly name: keyof typeof climbs; readonly since: number } | undefined;
  let takenInTrial = 0;
  let quietUntil = startedAt;
  let evidenceAt = startedAt;

  function change(): CautionStep {
    const from = current;
    const mostUnderWay = climbs.underWay.isAtTop ? undefined : climbs.underWay.value;
    current = {
      policy: ladder[climbs.policy.value - 1] ?? policy,
      requestsPerSecond: climbs.rate.value,
      mostUnderWay,
    };
    stage += 1;
    isUntouched = Object.values(climbs).every(({ isAtTop }) => isAtTop);
    return { from, to: current };
  }

  /** What may be tried. A policy that holds requests back would let any rate pass its trial. */
  const candidates = () =>
    climbs.policy.isAtTop || climbs.policy.fails >= 2 ? inOrder : (['policy'] as const);

  /** The latest to be raised, if a 429 may still be due to that. */
  function lastRaised(at: number): Climb | undefined {
    const since = (climb: Climb) => climb.unsettledSince(at) ?? -Infinity;
    const [latest] = Object.values(climbs).toSorted((a, b) => since(b) - since(a));
    return latest?.unsettledSince(at) === undefined ? undefined : latest;
  }

  /** Whether a long time has passed without a 429, so that the rate that was learned may be too high. */
  const isLateOverflow = (at: number): boolean =>
    !climbs.rate.isAtTop && climbs.rate.value > 1 && at - evidenceAt > longQuietMs;

  function lowerAll({ others, othersUnderWay, isMeasured }: RefusedRequest, at: number): void {
    const { policy: rung, rate, underWay } = climbs;
    // What was measured is the first to be doubted.
    if (isMeasured) return rung.lower(rung.value - 1, at);
    const isAlmostStill = rate.value <= Math.max(1, requestsPerSecond / slowShare);
    if (rung.value > 2 || isAlmostStill) rung.lower(rung.value - 1, at);
    const taken = Math.max(others, Math.floor(rate.value / 2));
    rate.lower(Math.min(Math.floor(rate.value * mostKept), taken), at);
    underWay.lower(Math.min(underWay.value - 1, othersUnderWay), at);
  }

  function reset(): CautionStep | undefined {
    const step = { from: current, to: top };
    climbs = create();
    trial = undefined;
    current = top;
    stage += 1;
    loweredIn = stage;
    isUntouched = true;
    return isSame(step) ? undefined : step;
  }

  return {
    get current() {
      return current;
    },
    get stage() {
      return stage;
    },
    get isUntouched() {
      return isUntouched;
    },
    get triesHigherAt() {
      if (trial !== undefined) return trial.since;
      const nextAt = Math.min(...candidates().map((name) => climbs[name].nextAt));
      return nextAt === Infinity ? undefined : Math.max(nextAt, quietUntil);
    },
    refused(request, at) {
      if (request.stage < loweredIn || request.sentAt < startedAt + windowMs) return undefined;
      const raised = request.isMeasured ? undefined : lastRaised(at);
      if (trial !== undefined) climbs[trial.name].fail(at);
      else if (raised !== undefined) raised.fallBack(at);
      else if (!request.isMeasured && isLateOverflow(at))
        climbs.rate.lower(climbs.rate.value - 1, at);
      else lowerAll(request, at);
      trial = undefined;
      quietUntil = at + stepUpAfterMs;
      evidenceAt = at;
      const step = change();
      loweredIn = stage;
      return isSame(step) ? undefined : step;
    },
    taken(sentIn) {
      if (sentIn === stage) takenInTrial += 1;
    },
    advance(now) {
      const idleMs = now - activeAt;
      activeAt = now;
      if (isUntouched && trial === undefined) return undefined;
      if (idleMs > forgottenAfterMs || now - evidenceAt > 2 * forgottenAfterMs) return reset();
      if (trial !== undefined) {
        const { trialMs } = climbs[trial.name];
        if (now < trial.since + trialMs || takenInTrial < trialRequests) return undefined;
        climbs[trial.name].succeed(now);
        trial = undefined;
      }
      if (now < quietUntil) return undefined;
      for (const name of candidates()) {
        if (climbs[name].nextAt > now) continue;
        climbs[name].raise();
        trial = { name, since: now };
        takenInTrial = 0;
        return change();
      }
      return undefined;
    },
    reset,
  };
}

const isSame = ({ from, to }: CautionStep): boolean =>
  from.policy === to.policy &&
  from.requestsPerSecond === to.requestsPerSecond &&
  from.mostUnderWay === to.mostUnderWay;
