import type { Migration, Moment } from '@ticket-lifecycle/core';
import { blocker } from '../tickets/blockers.ts';
import { carriedOver } from '../tickets/carry-over.ts';
import type { LocatedState } from '../tickets/locate.ts';
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
}

// More would only wait for slots, and hold memory while they do.
const mostAtOnce = 25;

/**
 * Makes the first event that time has made due, for each ticket in the store. What is stored only
 * chooses the tickets: each is read before its event is sent. One that has left its state in between, or may
 * have left it and come back, is not due any more.
 *
 * @throws TypeError for a store without `list`
 */
export async function runDueEvents(
  now: Moment,
  options: RunDueOptions,
  { store, migration, context, changeTurns }: RunDueContext,
): Promise<Outcome[]> {
  const { lifecycle } = context;
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
  const stored = names.length === 0 ? [] : await store.list(names);
  const due = stored.flatMap(({ ticketId, ...known }) => {
    // Of an older lifecycle or not: the ticket is read, and what is stored is a hint.
    const here = carriedOver(known, lifecycle, migration);
    const { state, seenAt, enteredAt = seenAt } = here;
    const events = lifecycle.isState(state)
      ? lifecycle.due(state, enteredAt, now, { calendar })
      : [];
    const [event] = events;
    return event === undefined ? [] : [{ ticket: { ticketId, ...here }, event }];
  });
  const outcomes: Outcome[] = [];
  const rest = due.entries();
  const worker = async () => {
    // They share the iterator: each takes the next one.
    for (const [index, { ticket, event }] of rest) {
      if (options.signal?.aborted === true) return;
      outcomes[index] = await makeDue(ticket, event);
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, worker));
  return outcomes.filter((outcome) => outcome !== undefined);

  function makeDue({ ticketId, state }: StoredTicket, event: string): Promise<Outcome> {
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
    const enteredAt = known.enteredAt ?? known.seenAt ?? context.clock.now();
    const here = { ...known, enteredAt };
    if (known.state === statedFrom && !isDue(here, event.type)) {
      const since = new Date(enteredAt).toISOString();
      const text = `${event.type} of ${ticketId} is not due: the ticket may be ${known.state} only since ${since}.`;
      const base = { ticketId, from: known.state, to: undefined, event: event.type };
      const why = blocker('not-due', text, { ticketId, event: event.type, enteredAt: since });
      return blocked({ ...base, attempts: 0, waitedMs }, undefined, [why]);
    }
    return applyChange(change, known, context);
  }

  function isDue({ state, enteredAt }: { state: string; enteredAt: number }, event: string) {
    return lifecycle.due(state, enteredAt, now, { calendar }).includes(event);
  }
}
