/*
 * The protocol of model/store.ts as an explicit-state model: what the store knows, what each worker
 * believes, and what the API has applied, with every step between them. `explore.ts` visits all
 * states. It is small on purpose: no time, no slots, and one change of a ticket after another.
 *
 * Time comes in as three rules, each of which the code keeps by a bound:
 * - A life is declared dead only when its permit has run out (`graceMs` > `permitMs`).
 * - A permit counts from before its question, so it is valid only while the store has seen the life.
 * - A change in doubt is found untouched only when no request of it is under way (`settleMs`).
 *
 * Everything else is left to chance: any order of steps, and each fault as often as its budget says.
 */

/** What can go wrong. Each happens at any moment, as often as the budget allows. */
export const faultKinds = [
  /** A process ends, with all that it knew. Requests that have left go on. */
  'crash',
  /** A process stands still until it is woken, for longer than its permit. */
  'pause',
  /** A permit runs out because the answers to its renewals come too late. */
  'slow-renewal',
  /** A claim is committed, and its answer never comes. */
  'lost-claim',
  /** A claim is given up, and happens after all, later. */
  'late-claim',
  /** An end is committed, and its answer never comes. */
  'lost-end',
  /** The answer to an end comes, and the store forgets the end. */
  'forgotten-end',
  /** A worker is entered, and its answer never comes. */
  'lost-enter',
  /** The API applies a change, or still will, and its answer never comes. */
  'lost-http',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** How the protocol can be broken: faults that it had, or could have had. */
export interface Variant {
  /** Nobody compares what a worker holds with what the store says. */
  readonly isWithoutComparison?: boolean;
  /** A change whose permit ran out is dropped, and its end is not written down. */
  readonly dropsWhatExpires?: boolean;
  /** The permit of the present life counts for claims of earlier ones, too. */
  readonly sharesPermits?: boolean;
  /** A new life may send before the store knows it. */
  readonly permitsBeforeEnter?: boolean;
  /** An end counts for whatever claim of its change is under way. */
  readonly endsWithoutFence?: boolean;
  /** What was under way under a dead life is sent again without a look. */
  readonly forgetsDoubt?: boolean;
  /** A stray is taken for never sent, whether its worker had it or not. */
  readonly trustsStrays?: boolean;
  /** A worker compares also while the answer to a claim is under way. */
  readonly comparesWhileClaiming?: boolean;
  /** A worker is declared dead while its permit may be valid. */
  readonly declaresDeadEarly?: boolean;
  /** A change in doubt is sent again while its first request may be under way. */
  readonly looksTooEarly?: boolean;
}

export interface ModelOptions {
  readonly tickets: number;
  readonly changes: number;
  readonly budget: Readonly<Partial<Record<FaultKind, number>>>;
  readonly variant?: Variant;
}

/** A state, as numbers that fit into a byte each. */
export type State = Uint8Array;

export interface Model {
  readonly initial: State;
  /** All states that can follow. */
  next(state: State, visit: (next: State, step: string, isFault: boolean) => void): void;
  isDone(state: State): boolean;
  /** The same state by another name: the two workers, and the tickets, are alike. */
  mirrors(state: State): State[];
}

/** Thrown where something was applied twice, out of order, or not at all. */
export class UnsafeError extends Error {}

const workers = [0, 1] as const;
const running = 0;
const paused = 1;
const gone = 2;

// Of a ticket: which change is first, how it stands, whether it is in doubt, the fence of its latest
// claim, who holds it, whether the holder has heard of it, how many changes the API has applied, and
// a request without a sender.
const ticketSize = 8;
const [head, standing, doubt, fence, owner, isHeard, applied, lingering] = [0, 1, 2, 3, 4, 5, 6, 7];
const waiting = 0;
const active = 1;
const retry = 2;

// Of a worker: how it is, the life that it believes in, whether its permit is valid, which lives the
// store takes for living, the last life, the answer to a claim that is under way (ticket, life,
// fence, change, doubt), that to an entry, and a claim that will happen late.
const mode = 0;
const life = 1;
const permit = 2;
const living = 3;
const lastLife = 4;
const answer = 5;
const answerSize = 5;
const entered = 10;
const lateClaim = 11;
const holdings = 12;
// Of a claim that a worker works on. There may be one of an earlier life beside that of the present.
const holdingSize = 5;
const mostHoldings = 2;
const [phase, heldLife, heldFence, heldChange, heldDoubt] = [0, 1, 2, 3, 4];
const none = 0;
const claimed = 1;
const sent = 2;
const lost = 3;
const confirmed = 4;
const expired = 5;
// More lives than the faults can make of one worker.
const mostLives = 7;
// Of an entry whose answer is older than a permit.
const isLate = 8;

export function createModel({ tickets, changes, budget, variant = {} }: ModelOptions): Model {
  const workerSize = holdings + tickets * mostHoldings * holdingSize;
  const firstWorker = tickets * ticketSize;
  const firstBudget = firstWorker + workers.length * workerSize;
  const initial = new Uint8Array(firstBudget + faultKinds.length);
  faultKinds.forEach((kind, at) => (initial[firstBudget + at] = budget[kind] ?? 0));
  for (const worker of workers) {
    const at = firstWorker + worker * workerSize;
    initial[at + life] = initial[at + lastLife] = 1;
    initial[at + permit] = 1;
    initial[at + living] = 1 << 1;
  }

  const ticketAt = (ticket: number) => ticket * ticketSize;
  const workerAt = (worker: number) => firstWorker + worker * workerSize;
  const ownerOf = (worker: number, its: number) => worker * (mostLives + 1) + its + 1;
  const get = (state: State, at: number) => state[at] as number;

  function isDone(state: State): boolean {
    for (let ticket = 0; ticket < tickets; ticket += 1) {
      if (get(state, ticketAt(ticket) + head) < changes) return false;
    }
    return true;
  }

  const isLiving = (state: State, worker: number, its: number) =>
    (get(state, workerAt(worker) + living) & (1 << its)) !== 0;

  /** The API applies a change. This is where safety shows. */
  function apply(state: State, ticket: number, change: number): void {
    const at = ticketAt(ticket) + applied;
    if (change < get(state, at)) throw new UnsafeError(`Change ${change} was applied twice.`);
    if (change > get(state, at)) throw new UnsafeError(`Change ${change} was applied too early.`);
    state[at] = change + 1;
  }

  const isReady = (state: State, ticket: number) =>
    get(state, ticketAt(ticket) + standing) !== active &&
    get(state, ticketAt(ticket) + head) < changes;

  /** The store hands a ticket's first change out. */
  function take(state: State, ticket: number, worker: number, its: number): void {
    const at = ticketAt(ticket);
    state[at + standing] = active;
    state[at + fence] = get(state, at + fence) + 1;
    state[at + owner] = ownerOf(worker, its);
    state[at + isHeard] = 0;
  }

  function giveBack(state: State, ticket: number, isInDoubt: boolean): void {
    const at = ticketAt(ticket);
    state[at + standing] = retry;
    state[at + owner] = state[at + isHeard] = 0;
    if (isInDoubt) state[at + doubt] = 1;
  }

  function isHeldAs(state: State, ticket: number, worker: number, hold: number): boolean {
    const at = ticketAt(ticket);
    if (get(state, at + standing) !== active) return false;
    if (get(state, at + head) !== get(state, hold + heldChange)) return false;
    if (variant.endsWithoutFence === true) return true;
    return (
      get(state, at + owner) === ownerOf(worker, get(state, hold + heldLife)) &&
      get(state, at + fence) === get(state, hold + heldFence)
    );
  }

  /** Writes an end down, if its claim is still held. */
  function end(state: State, ticket: number, worker: number, hold: number): void {
    if (!isHeldAs(state, ticket, worker, hold)) return;
    const at = ticketAt(ticket);
    switch (get(state, hold + phase)) {
      case confirmed: {
        const change = get(state, at + head);
        if (get(state, at + applied) <= change) throw new UnsafeError(`Change ${change} was lost.`);
        state[at + head] = change + 1;
        state[at + standing] = waiting;
        state[at + doubt] = state[at + fence] = state[at + owner] = state[at + isHeard] = 0;
        return;
      }
      case lost:
        return giveBack(state, ticket, true);
      default:
        state[at + doubt] = get(state, hold + heldDoubt);
        return giveBack(state, ticket, false);
    }
  }

  function clearHolding(state: State, hold: number): void {
    state.fill(0, hold, hold + holdingSize);
  }

  /** Whether a request of a ticket may still reach the API. */
  function isUnderWay(state: State, ticket: number): boolean {
    if (get(state, ticketAt(ticket) + lingering) !== 0) return true;
    return workers.some((worker) =>
      holdingsOf(worker, ticket).some((hold) => get(state, hold + phase) === sent),
    );
  }

  function holdingsOf(worker: number, ticket: number): number[] {
    const first = workerAt(worker) + holdings + ticket * mostHoldings * holdingSize;
    return Array.from({ length: mostHoldings }, (_, at) => first + at * holdingSize);
  }

  const ticketNumbers = Array.from({ length: tickets }, (_, ticket) => ticket);
  const holdingsAt = workers.map((worker) =>
    ticketNumbers.map((ticket) => holdingsOf(worker, ticket)),
  );
  const budgetOf = Object.fromEntries(
    faultKinds.map((kind, at) => [kind, firstBudget + at]),
  ) as Record<FaultKind, number>;

  function next(state: State, visit: (next: State, step: string, isFault: boolean) => void): void {
    const step = (name: string, change: (next: State) => void) => {
      const made = state.slice();
      change(made);
      visit(made, name, false);
    };
    const fault = (kind: FaultKind, name: string, change: (next: State) => void) => {
      const left = get(state, budgetOf[kind]);
      if (left === 0) return;
      const made = state.slice();
      made[budgetOf[kind]] = left - 1;
      change(made);
      visit(made, `${kind}: ${name}`, true);
    };
    for (const ticket of ticketNumbers) requestsWithoutSender(state, ticket, step);
    for (const worker of workers) {
      const at = workerAt(worker);
      switch (get(state, at + mode)) {
        case gone:
          break;
        case paused:
          step(`${worker} wakes`, (made) => (made[at + mode] = running));
          break;
        default:
          workOf(state, worker, step, fault);
      }
      for (const ticket of ticketNumbers) requestsOf(state, worker, ticket, step, fault);
      declareDead(state, worker, step);
      lateClaims(state, worker, step);
    }
  }

  type Step = (name: string, change: (next: State) => void) => void;
  type Fault = (kind: FaultKind, name: string, change: (next: State) => void) => void;

  /** A request whose sender has stopped waiting arrives, or never does. */
  function requestsWithoutSender(state: State, ticket: number, step: Step): void {
    const at = ticketAt(ticket) + lingering;
    const change = get(state, at) - 1;
    if (change < 0) return;
    step(`a request for ${ticket} is lost`, (made) => (made[at] = 0));
    step(`a late request for ${ticket} arrives`, (made) => {
      made[at] = 0;
      apply(made, ticket, change);
    });
  }

  /** What has been sent goes on, whatever becomes of its sender. */
  function requestsOf(
    state: State,
    worker: number,
    ticket: number,
    step: Step,
    fault: Fault,
  ): void {
    for (const hold of holdingsAt[worker]?.[ticket] ?? []) {
      if (get(state, hold + phase) !== sent) continue;
      const change = get(state, hold + heldChange);
      step(`the API applies ${ticket}/${change} of ${worker}`, (made) => {
        apply(made, ticket, change);
        // Its answer is on the way; the end that follows is written at any time.
        made[hold + phase] = confirmed;
      });
      fault('lost-http', `${ticket}/${change} of ${worker} is under way for long`, (made) => {
        made[hold + phase] = lost;
        made[ticketAt(ticket) + lingering] = change + 1;
      });
      fault(
        'lost-http',
        `${ticket}/${change} of ${worker} is applied without an answer`,
        (made) => {
          apply(made, ticket, change);
          made[hold + phase] = lost;
        },
      );
    }
  }

  /** Others end a life whose permit has run out, and what it holds is in doubt. */
  function declareDead(state: State, worker: number, step: Step): void {
    const at = workerAt(worker);
    for (let its = 1; its <= get(state, at + lastLife); its += 1) {
      if (!isLiving(state, worker, its)) continue;
      const isPresent = get(state, at + mode) !== gone && get(state, at + life) === its;
      // Who has just been entered was just seen.
      const isNew = get(state, at + mode) === running && get(state, at + entered) === its;
      const mayHavePermit = isNew || (isPresent && get(state, at + permit) === 1);
      if (mayHavePermit && variant.declaresDeadEarly !== true) continue;
      const isWatched = workers.some(
        (other) =>
          other !== worker &&
          get(state, workerAt(other) + mode) === running &&
          get(state, workerAt(other) + life) !== 0 &&
          get(state, workerAt(other) + permit) === 1,
      );
      if (!isWatched) continue;
      step(`life ${its} of ${worker} is declared dead`, (made) => {
        made[at + living] = get(made, at + living) & ~(1 << its);
        for (const ticket of ticketNumbers) {
          if (get(made, ticketAt(ticket) + owner) !== ownerOf(worker, its)) continue;
          giveBack(made, ticket, variant.forgetsDoubt !== true);
        }
      });
    }
  }

  /** A claim that was given up long ago happens after all. Nobody hears of it. */
  function lateClaims(state: State, worker: number, step: Step): void {
    const at = workerAt(worker);
    const its = get(state, at + lateClaim);
    if (its === 0) return;
    if (!isLiving(state, worker, its)) {
      step(`a late claim of ${worker} is refused`, (made) => (made[at + lateClaim] = 0));
      return;
    }
    for (const ticket of ticketNumbers.filter((one) => isReady(state, one))) {
      step(`a late claim of ${worker} takes ${ticket}`, (made) => {
        made[at + lateClaim] = 0;
        take(made, ticket, worker, its);
      });
    }
  }

  function workOf(state: State, worker: number, step: Step, fault: Fault): void {
    const at = workerAt(worker);
    const its = get(state, at + life);
    const isAnswering = get(state, at + answer) !== 0;
    crashAndPause(state, worker, fault);
    if (isAnswering) hear(state, worker, step, fault);
    if (its === 0) comeBack(state, worker, step, fault);
    else {
      live(state, worker, its, step, fault);
      if (!isAnswering) claim(state, worker, its, step, fault);
      if (!isAnswering || variant.comparesWhileClaiming === true) compare(state, worker, its, step);
    }
    for (const ticket of ticketNumbers) {
      for (const hold of holdingsAt[worker]?.[ticket] ?? []) {
        if (get(state, hold + phase) !== none) deliver(state, worker, ticket, hold, step, fault);
      }
    }
  }

  function crashAndPause(state: State, worker: number, fault: Fault): void {
    const at = workerAt(worker);
    fault('crash', `${worker} ends`, (made) => {
      made[at + mode] = gone;
      made.fill(0, at + life, at + living);
      made.fill(0, at + answer, at + lateClaim);
      for (const ticket of ticketNumbers) {
        for (const hold of holdingsAt[worker]?.[ticket] ?? []) {
          if (get(made, hold + phase) === sent) {
            made[ticketAt(ticket) + lingering] = get(made, hold + heldChange) + 1;
          }
          clearHolding(made, hold);
        }
      }
    });
    fault('pause', `${worker} stands still`, (made) => {
      made[at + mode] = paused;
      made[at + permit] = 0;
      if (get(made, at + entered) !== 0) made[at + entered] = get(made, at + entered) | isLate;
    });
  }

  /** The answer to a claim comes, or never does. */
  function hear(state: State, worker: number, step: Step, fault: Fault): void {
    const at = workerAt(worker);
    const ticket = get(state, at + answer) - 1;
    const name = state.subarray(at + answer + 1, at + answer + answerSize);
    const free = holdingsAt[worker]?.[ticket]?.find((hold) => get(state, hold + phase) === none);
    const [itsLife = 0, itsFence = 0] = name;
    fault('lost-claim', `of ${ticket} by ${worker}`, (made) => {
      made.fill(0, at + answer, at + answer + answerSize);
    });
    // The one of an earlier life ends first: there is no third place in this model.
    if (free === undefined) return;
    step(`${worker} hears that it has ${ticket}`, (made) => {
      made.fill(0, at + answer, at + answer + answerSize);
      made[free + phase] = claimed;
      made.set(name, free + heldLife);
      const its = ticketAt(ticket);
      const isStill =
        get(made, its + owner) === ownerOf(worker, itsLife) && get(made, its + fence) === itsFence;
      if (isStill) made[its + isHeard] = 1;
    });
  }

  function comeBack(state: State, worker: number, step: Step, fault: Fault): void {
    const at = workerAt(worker);
    const isEntering = get(state, at + entered) !== 0;
    const its = get(state, at + lastLife) + 1;
    if (isEntering) {
      step(`${worker} hears of its new life`, (made) => {
        made[at + life] = get(made, at + entered) & ~isLate;
        // It counts from before the question.
        made[at + permit] = (get(made, at + entered) & isLate) === 0 ? 1 : 0;
        made[at + entered] = 0;
      });
      fault('lost-enter', `of ${worker}`, (made) => (made[at + entered] = 0));
      return;
    }
    if (its > mostLives) throw new Error('The model has too few lives.');
    step(`${worker} enters anew`, (made) => {
      made[at + lastLife] = made[at + entered] = its;
      made[at + living] = get(made, at + living) | (1 << its);
    });
  }

  /** The permit is renewed, runs out, or turns out to be lost. */
  function live(state: State, worker: number, its: number, step: Step, fault: Fault): void {
    const at = workerAt(worker);
    if (get(state, at + permit) === 1) {
      fault('slow-renewal', `of ${worker}`, (made) => (made[at + permit] = 0));
    } else if (isLiving(state, worker, its)) {
      step(`${worker} renews its permit`, (made) => (made[at + permit] = 1));
    } else {
      step(`${worker} hears that it was declared dead`, (made) => {
        made[at + life] = 0;
        // The permit of the life that it is about to enter, before the store has it.
        made[at + permit] = variant.permitsBeforeEnter === true ? 1 : 0;
      });
    }
  }

  function claim(state: State, worker: number, its: number, step: Step, fault: Fault): void {
    const at = workerAt(worker);
    // A claim is a renewal, too. With both as one step there would be twice the states.
    if (!isLiving(state, worker, its) || get(state, at + permit) === 0) return;
    for (const ticket of ticketNumbers.filter((one) => isReady(state, one))) {
      step(`${worker} claims ${ticket}`, (made) => {
        take(made, ticket, worker, its);
        const from = ticketAt(ticket);
        const name = [
          its,
          get(made, from + fence),
          get(made, from + head),
          get(made, from + doubt),
        ];
        made.set([ticket + 1, ...name], at + answer);
      });
    }
    if (get(state, at + lateClaim) === 0) {
      fault('late-claim', `of ${worker}`, (made) => (made[at + lateClaim] = its));
    }
  }

  /** What the store holds for a life and its worker does not know of goes back. */
  function compare(state: State, worker: number, its: number, step: Step): void {
    if (variant.isWithoutComparison === true || !isLiving(state, worker, its)) return;
    for (const ticket of ticketNumbers) {
      const at = ticketAt(ticket);
      const isOurs = get(state, at + owner) === ownerOf(worker, its);
      if (!isOurs || get(state, at + standing) !== active) continue;
      const isKnown = (holdingsAt[worker]?.[ticket] ?? []).some(
        (hold) =>
          get(state, hold + phase) !== none &&
          get(state, hold + heldLife) === its &&
          get(state, hold + heldFence) === get(state, at + fence) &&
          get(state, hold + heldChange) === get(state, at + head),
      );
      if (isKnown) continue;
      step(`${worker} gives the stray ${ticket} back`, (made) => {
        const wasStarted = get(made, at + isHeard) === 1;
        giveBack(made, ticket, wasStarted && variant.trustsStrays !== true);
      });
    }
  }

  function deliver(
    state: State,
    worker: number,
    ticket: number,
    hold: number,
    step: Step,
    fault: Fault,
  ): void {
    const at = workerAt(worker);
    const change = get(state, hold + heldChange);
    const name = `${worker} ${ticket}/${change}`;
    const isOfPresent = get(state, hold + heldLife) === get(state, at + life);
    const mayReach =
      isOfPresent || variant.sharesPermits === true || variant.permitsBeforeEnter === true;
    const mayAct = mayReach && get(state, at + permit) === 1;
    switch (get(state, hold + phase)) {
      case claimed: {
        if (!mayAct) {
          step(`${name}: its permit ran out`, (made) => {
            if (variant.dropsWhatExpires === true) clearHolding(made, hold);
            else made[hold + phase] = expired;
          });
        } else if (get(state, hold + heldDoubt) === 0) {
          step(`${name} is sent`, (made) => (made[hold + phase] = sent));
        } else if (get(state, ticketAt(ticket) + applied) > change) {
          step(`${name} is found to have arrived`, (made) => (made[hold + phase] = confirmed));
        } else if (variant.looksTooEarly === true || !isUnderWay(state, ticket)) {
          step(`${name} is found untouched`, (made) => (made[hold + heldDoubt] = 0));
        }
        return;
      }
      case sent:
        return;
      default:
        step(`${name}: its end is written`, (made) => {
          end(made, ticket, worker, hold);
          clearHolding(made, hold);
        });
        fault('lost-end', `of ${name}`, (made) => end(made, ticket, worker, hold));
        fault('forgotten-end', `of ${name}`, (made) => clearHolding(made, hold));
    }
  }

  function mirrors(state: State): State[] {
    const swapped = workersSwapped(state);
    return tickets === 2 ? [swapped, ticketsSwapped(state), ticketsSwapped(swapped)] : [swapped];
  }

  function workersSwapped(state: State): State {
    const made = state.slice();
    made.copyWithin(workerAt(0), workerAt(1), firstBudget);
    made.set(state.subarray(workerAt(0), workerAt(1)), workerAt(1));
    for (const ticket of ticketNumbers) {
      const at = ticketAt(ticket) + owner;
      const its = get(state, at);
      if (its > mostLives + 1) made[at] = its - (mostLives + 1);
      else if (its > 0) made[at] = its + mostLives + 1;
    }
    return made;
  }

  function ticketsSwapped(state: State): State {
    const made = state.slice();
    made.copyWithin(0, ticketSize, firstWorker);
    made.set(state.subarray(0, ticketSize), ticketSize);
    for (const worker of workers) {
      const at = workerAt(worker);
      const of = get(state, at + answer);
      if (of !== 0) made[at + answer] = 3 - of;
      const first = at + holdings;
      const size = mostHoldings * holdingSize;
      made.copyWithin(first, first + size, first + 2 * size);
      made.set(state.subarray(first, first + size), first + size);
    }
    return made;
  }

  return { initial, next, isDone, mirrors };
}
