import type { Blocker, Lifecycle, Verdict } from '@ticket-lifecycle/core';
import { journalEntry, type JournalEntry } from '@ticket-lifecycle/core/journal';
import type { Clock } from '../clock.ts';
import { createHandOver } from '../hand-over.ts';
import type { Listeners } from '../listeners.ts';
import { unclearState } from '../tickets/blockers.ts';
import type { TicketMoved } from '../tickets/sightings.ts';
import type { ChangeEntry, Outcome } from './outcome.ts';
import type { EventBody, WorkflowEvent } from './workflow-event.ts';

/**
 * Takes the entries of changes, one after another. An entry that it fails for is handed over again,
 * until it takes it. No change waits for it. While 10,000 entries wait, each further one is
 * reported as an `entry-dropped` event instead, as are those that `close` could not hand over in time
 * and those of changes that are asked for after it.
 */
export type ChangeSink = (entry: ChangeEntry) => void | Promise<void>;

/** Who asked for a change, and what its events carry. */
export interface AskedBy {
  readonly by: number | string;
  readonly payloadOf?: ((outcome: Outcome) => object | undefined) | undefined;
}

/** Hands the changes of a workflow to its sink. */
export interface ChangeEntries {
  readonly ended: (outcome: Outcome, asked: AskedBy) => void;
  /** Emits the event as well. */
  readonly observed: (moved: TicketMoved) => void;
  /** Resolves when all entries are taken, or the time is up. */
  readonly drain: (forMs: number) => Promise<void>;
}

interface ChangeEntriesContext {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly sink: ChangeSink | undefined;
  readonly listeners: Listeners<WorkflowEvent>;
}

export function createChangeEntries({
  lifecycle,
  clock,
  sink,
  listeners,
}: ChangeEntriesContext): ChangeEntries {
  const { add: handOver, drain } = createHandOver<ChangeEntry>({
    take: (entry) => sink?.(entry),
    clock,
    onFailed: (error, { ticketId }) => emit(ticketId, { type: 'sink-failed', error }),
    onDropped: (entry, reason) => emit(entry.ticketId, { type: 'entry-dropped', entry, reason }),
  });

  return {
    ended(outcome, { by, payloadOf }) {
      if (sink === undefined) return;
      const payload = payloadOf?.(outcome);
      const { forced } = outcome;
      const facts = { ticketId: idOf(outcome.ticketId), by: nameOf(by), at: now(), forced };
      const told = payload === undefined ? facts : { ...facts, payload: { ...payload } };
      add(outcome.kind, journalEntry(lifecycle, verdictOf(outcome), told));
    },
    observed(moved) {
      const { ticketId, previous, status, change } = moved;
      emit(ticketId, { type: 'observed', previous, status, change });
      if (sink === undefined) return;
      const facts = { ticketId, by: 'somebody else', at: now() };
      add('observed', journalEntry(lifecycle, verdictOfMoved(moved), facts));
    },
    drain,
  };

  function now(): Date {
    return new Date(Math.floor(clock.now()));
  }

  function emit(ticketId: string, event: EventBody): void {
    listeners.emit({ ...event, ticketId, changeId: undefined, at: Math.floor(clock.now()) });
  }

  function add(kind: ChangeEntry['kind'], entry: JournalEntry): void {
    handOver({ id: crypto.randomUUID(), kind, ...entry });
  }

  /** What was decided about a change, as far as its outcome tells. */
  function verdictOf(outcome: Outcome): Verdict {
    const { from = '', to, event = '' } = outcome;
    if (outcome.kind === 'blocked') return blockedFor(from, event, outcome.blockers);
    const status = to === undefined ? undefined : lifecycle.statusOf(to);
    if (outcome.kind !== 'unchanged' && to !== undefined && status !== undefined) {
      const changesStatus = lifecycle.statusOf(from) !== status;
      return { allowed: true, from, to, event, status, changesStatus };
    }
    const message =
      'error' in outcome
        ? outcome.error.message
        : 'The ticket was there already: nothing was sent.';
    const code = 'error' in outcome ? 'not-asked' : 'unchanged';
    return blockedFor(from, event, [{ code, message, parameters: {} }]);
  }

  function verdictOfMoved(moved: TicketMoved): Verdict {
    const { ticketId, known, previousState: from = known.state, change, reached, status } = moved;
    const event = 'events' in change ? change.events.join(', ') : '';
    const to = reached === undefined ? undefined : lifecycle.statusOf(reached);
    if (reached !== undefined && to !== undefined) {
      return { allowed: true, from, to: reached, event, status: to, changesStatus: true };
    }
    if (event !== '') {
      // Which of the states it is decides which events led there.
      const candidates = change.states ?? [];
      return blockedFor(from, '', [unclearState({ ticketId, status, candidates })]);
    }
    const message = `The lifecycle has no path from ${from} to ${status}.`;
    const parameters = { from, to: status };
    return blockedFor(from, '', [{ code: 'unreachable', message, parameters }]);
  }
}

const blockedFor = (
  from: string,
  event: string,
  blockers: readonly { code: string; message: string; parameters: object }[],
): Verdict => ({
  allowed: false,
  from,
  event,
  blockers: blockers as readonly Blocker[],
  enabled: [],
});

// From outside an id may be anything.
const idOf = (ticketId: unknown): string =>
  typeof ticketId === 'string' && ticketId !== '' ? ticketId : `(${typeof ticketId})`;

// What came for a staff member may be nothing.
const nameOf = (by: unknown): number | string =>
  Number.isSafeInteger(by) || (typeof by === 'string' && by !== '')
    ? (by as number | string)
    : 'unknown';
