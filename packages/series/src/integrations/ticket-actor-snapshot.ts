import type { EventObject, Snapshot } from 'xstate';
import type { OutcomeRecord } from '../http/outcome-record.ts';
import type { ChangeMethod, ChangeOptions } from '../workflow/workflow-options.ts';

/** The ticket of an actor. */
export interface TicketActorInput<State extends string = string> {
  readonly ticketId: string;
  /** The staff member for events that name none. */
  readonly staffUserId?: number | undefined;
  /** The ticket's state, if you know it. */
  readonly state?: State | undefined;
}

/**
 * The events of an actor: those of the lifecycle, with options for the change beside what they carry,
 * and `ticket.settle`, which tries once more to settle a change that is `unknown`.
 */
export type TicketActorEvent<
  Event extends { readonly type: string } = { readonly type: string },
  State extends string = string,
> =
  | (Event & Partial<Omit<ChangeOptions<State, unknown, Event['type']>, 'signal'>>)
  | { readonly type: 'ticket.settle' };

/** A change that may be under way: what settling it later, or asking for it again, needs. */
export interface PendingChange<State extends string = string, Event extends string = string> {
  readonly event: Event;
  /** The event itself, with all that it carries. */
  readonly asked: EventObject;
  readonly from: State | undefined;
  readonly to: State | undefined;
  readonly via: ChangeMethod;
  readonly staffUserId: number | undefined;
  /** When it was sent, at the earliest. As long as it is `undefined`, surely nothing was sent. */
  readonly sentAt: number | undefined;
}

/** The context of an actor. Plain data, as long as the events are. */
export interface TicketActorContext<State extends string = string, Event extends string = string> {
  readonly ticketId: string;
  readonly staffUserId: number | undefined;
  /** The ticket's state, as far as known. */
  readonly state: State | undefined;
  /** How the last change ended. */
  readonly outcome: OutcomeRecord<State, Event> | undefined;
  /**
   * How each change ended since an event came last while none was under way: in order, that one included,
   * and no more than the last 100.
   */
  readonly outcomes: readonly OutcomeRecord<State, Event>[];
  /** The change that is being sent, or whose outcome is unknown. */
  readonly pending: PendingChange<State, Event> | undefined;
  /** Events that came during a change; each gets its turn. */
  readonly waiting: readonly EventObject[];
}

/** No change is open, one is being sent, or one may or may not have arrived. */
export type TicketActorValue = 'settled' | 'sending' | 'unknown';

/** The snapshot of an actor. */
export type TicketActorSnapshot<
  State extends string = string,
  Event extends string = string,
> = Snapshot<undefined> & {
  readonly value: TicketActorValue;
  readonly context: TicketActorContext<State, Event>;
};

/** What an actor has the workflow do. */
export type Task = 'apply' | 'settle';

/** A snapshot for an actor that has just begun: the one that was sending its change is gone. */
export function withoutTask(snapshot: TicketActorSnapshot): TicketActorSnapshot {
  const { status, value, context } = snapshot;
  const { pending, waiting } = context;
  if (status !== 'active' || value !== 'sending' || pending === undefined) return snapshot;
  return pending.sentAt === undefined
    ? snapshotOf('settled', {
        ...context,
        pending: undefined,
        waiting: [pending.asked, ...waiting],
      })
    : snapshotOf('unknown', context);
}

/** A snapshot of an active actor. */
export function snapshotOf(
  value: TicketActorValue,
  context: TicketActorContext,
): TicketActorSnapshot {
  return { status: 'active', output: undefined, error: undefined, value, context };
}

/** The same with another context. */
export function withContext(
  snapshot: TicketActorSnapshot,
  change: Partial<TicketActorContext>,
): TicketActorSnapshot {
  return { ...snapshot, context: { ...snapshot.context, ...change } };
}

// Where one of these blocks an event, nobody has found out where the ticket is.
const mistakes = ['invalid-ticket-id', 'invalid-staff-user-id', 'unknown-state', 'unknown-event'];

// An actor that is never at rest must not grow for ever.
const mostOutcomes = 100;

/** The snapshot after a change, or the settling of one, has ended. */
export function ended(
  snapshot: TicketActorSnapshot,
  outcome: OutcomeRecord,
  task: Task,
): TicketActorSnapshot {
  const context = {
    ...snapshot.context,
    outcome,
    outcomes: [...snapshot.context.outcomes, outcome].slice(-mostOutcomes),
  };
  switch (outcome.kind) {
    case 'confirmed':
    case 'unchanged':
      return settled(outcome.to);
    case 'refused':
      return settled(outcome.error.code === 'ticket-not-found' ? undefined : outcome.from);
    case 'blocked': {
      const isMistaken = outcome.blockers.some(({ code }) => mistakes.includes(code));
      if (task === 'settle') return unknown();
      return settled(isMistaken ? snapshot.context.state : outcome.from);
    }
    case 'not-sent':
      return settled(outcome.from);
    case 'unknown':
      return unknown();
  }

  function settled(state: string | undefined): TicketActorSnapshot {
    return snapshotOf('settled', { ...context, state, pending: undefined });
  }

  /** `ticket.settle` can ask once more. */
  function unknown(): TicketActorSnapshot {
    return snapshotOf('unknown', { ...context, state: undefined });
  }
}
