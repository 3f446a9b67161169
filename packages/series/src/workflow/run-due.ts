import type { Migration, Moment } from '@ticket-lifecycle/core';
import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';
import { blocker } from '../tickets/blockers.ts';
import { carriedOver } from '../tickets/carry-over.ts';
import type { LocatedState } from '../tickets/locate.ts';
import { isKnownState, type StoreFailedListener } from '../tickets/memory.ts';
import { isOpenElsewhere } from '../tickets/position.ts';
import type { StatusStore, StoredTicket } from '../tickets/status-store.ts';
import { applyChange } from './apply.ts';
import type { Change, SendContext } from './change.ts';
import { blocked, type Outcome } from './outcome.ts';
import { isStandstill, type createChangeTurns } from './turn.ts';
import type { RunDueOptions } from './workflow-options.ts';

/** What making due events needs. */
export interface RunDueContext {
  readonly store: StatusStore;
  readonly migration: Migration | undefined;
  readonly context: SendContext;
  readonly changeTurns: ReturnType<typeof createChangeTurns>;
  /** Is told that the store could not list its tickets. */
  readonly onStoreFailed: StoreFailedListener;
}

const brand = createErrorBrand('@ticket-lifecycle/series/RunDueError');

/** A ticket whose due event has no outcome. */
export interface RunDueFailure {
  readonly ticketId: string;
  /**
   * What a guard or `context` of yours threw: then nothing was sent. A client of your own may also throw
   * after it has sent.
   */
  readonly error: unknown;
}

/**
 * Some due events have no outcome, because a guard, the `context` or a client of yours threw. All others have
 * ended.
 */
export class RunDueError<
  State extends string = string,
  Event extends string = string,
> extends Error {
  override readonly name = 'RunDueError';
  /** How the others ended. */
  readonly outcomes: readonly Outcome<State, Event>[];
  readonly errors: readonly RunDueFailure[];

  constructor(outcomes: readonly Outcome<State, Event>[], errors: readonly RunDueFailure[]) {
    const [first] = errors;
    const all = outcomes.length + errors.length;
    const said = first?.error instanceof Error ? `: ${first.error.message}` : '.';
    const where = first === undefined ? '.' : `, first that of ${first.ticketId}${said}`;
    super(`${errors.length} of ${all} due events have no outcome${where}`, { cause: first?.error });
    this.outcomes = outcomes;
    this.errors = errors;
    brand.mark(this);
  }

  /** Recognises the error also if two copies of this package are installed. */
  static is(value: unknown): value is RunDueError {
    return brand.isOn(value);
  }
}

// More would only wait for slots, and hold memory while they do.
const mostAtOnce = 25;

/**
 * Makes the first event that time has made due, for each ticket in the store. What is stored only
 * chooses the tickets: each is read before its event is sent. One that has left its state in between, or may
 * have left it and come back, is not due any more.
 *
 * A ticket with a change whose end is not known is left alone until the process that sent it can no longer
 * be busy with it: it may be another one, and alive.
 *
 * @throws TypeError for a store without `list`
 * @throws RunDueError when all have ended, if some have no outcome
 */
export async function runDueEvents(
  now: Moment,
  options: RunDueOptions,
  { store, migration, context, changeTurns, onStoreFailed }: RunDueContext,
): Promise<Outcome[]> {
  const { lifecycle, clock } = context;
  const { calendar } = options;
  if (store.list === undefined) {
    throw new TypeError('runDue: the store must have a method "list", which finds its tickets.');
  }
  const states = lifecycle.states.filter((state) => lifecycle.deadlines(state, 0).length > 0);
  // What was stored under an older name is listed by that.
  const older = Object.entries(migration?.states ?? {}).flatMap(([old, next]) =>
    states.includes(next) ? [old] : [],
  );
  const names = [...new Set([...states, ...older])];
  const stored = names.length === 0 ? [] : await list();
  const due = stored.flatMap((listed) => {
    if (!isKnownState(listed)) {
      onStoreFailed(new TypeError('The store listed something that is not a stored ticket.'));
      return [];
    }
    const { ticketId, ...known } = listed;
    if (isOpenElsewhere(ticketId, known, context)) return [];
    // Of an older lifecycle or not: the ticket is read, and what is stored is a hint.
    const here = carriedOver(known, lifecycle, migration);
    const { state, goingTo, seenAt, enteredAt = seenAt } = here;
    // It may have arrived where a change was going to, at the earliest when that was sent.
    const [first] = [...dueIn(state, enteredAt), ...dueIn(goingTo, seenAt)];
    return first === undefined ? [] : [{ ticketId, ...first }];
  });
  const outcomes: Outcome[] = [];
  const errors: RunDueFailure[] = [];
  const rest = due.entries();
  const worker = async () => {
    // They share the iterator: each takes the next one.
    for (const [index, { ticketId, state, event }] of rest) {
      if (options.signal?.aborted === true) return;
      try {
        outcomes[index] = await makeDue(ticketId, state, event);
      } catch (error) {
        errors.push({ ticketId, error });
      }
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, worker));
  const ended = outcomes.filter((outcome) => outcome !== undefined);
  if (errors.length > 0) throw new RunDueError(ended, errors);
  return ended;

  async function list(): Promise<readonly StoredTicket[]> {
    try {
      return (await store.list?.(names)) ?? [];
    } catch (error) {
      onStoreFailed(error);
      throw error;
    }
  }

  function dueIn(state: string | undefined, since: number) {
    if (state === undefined || !lifecycle.isState(state)) return [];
    return lifecycle.due(state, since, now, { calendar }).map((event) => ({ state, event }));
  }

  function makeDue(ticketId: string, state: string, event: string): Promise<Outcome> {
    // What is stored is not stated: something newer may have been noted since it was listed.
    const asked = { ticketId, from: undefined, to: undefined, event };
    const { staffUserId, context: guardContext, signal, beforeSend, mayWrite } = options;
    const seam = { signal, beforeSend, mayWrite };
    const change = { staffUserId, context: guardContext, read: 'always', ...seam } as const;
    return changeTurns.withPosition<Outcome>(asked, change, {
      work: (turn, known) =>
        applyIfDue({ ...turn, event: { type: event }, statedFrom: state }, known),
      fail: (outcome) => ({ ...outcome, from: state }),
      outcomeOf: (outcome) => outcome,
      isStandstill,
    });
  }

  async function applyIfDue(change: Change, known: LocatedState): Promise<Outcome> {
    const { ticketId, event, statedFrom, waitedMs } = change;
    const enteredAt = known.enteredAt ?? known.seenAt ?? clock.now();
    const isDue = dueIn(known.state, enteredAt).some((one) => one.event === event.type);
    if (known.state === statedFrom && !isDue) {
      const since = new Date(enteredAt).toISOString();
      const text = `${event.type} of ${ticketId} is not due: the ticket may be ${known.state} only since ${since}.`;
      const base = { ticketId, from: known.state, to: undefined, event: event.type };
      const why = blocker('not-due', text, { ticketId, event: event.type, enteredAt: since });
      return blocked({ ...base, attempts: 0, waitedMs }, undefined, [why]);
    }
    return applyChange(change, known, context);
  }
}
