import type { Blocker, Observation } from '@ticket-lifecycle/core';
import type { RequestEvent } from '../request/request-event.ts';
import type { LimiterEvent } from '../limiter/limiter-event.ts';
import type { Outcome } from './outcome.ts';
import type { Settlement } from '../tickets/read-back.ts';

/** What an event of a workflow is about. */
export interface EventSubject {
  /** On the workflow's clock. */
  readonly at: number;
  readonly ticketId: string;
  /**
   * The same for all events of one `apply`, `moveTo` or `settle`, and different for each.
   * `undefined` for a read that belongs to no change.
   */
  readonly changeId: number | undefined;
}

/** Somebody asked for a change. Each is followed by exactly one `ended`, or by one `broken`. */
export interface ChangeAsked extends EventSubject {
  readonly type: 'asked';
  /** `undefined` for a move, which finds its events itself. */
  readonly event: string | undefined;
  /** Where a move is to lead. */
  readonly to: string | undefined;
}

/** The lifecycle allows the change from where the ticket stands: it is going to be sent. */
export interface ChangeAllowed extends EventSubject {
  readonly type: 'allowed';
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

/** The change may not be sent, as things stand. */
export interface ChangeBlocked extends EventSubject {
  readonly type: 'blocked';
  readonly event: string | undefined;
  readonly blockers: readonly Blocker[];
}

/** An answer was lost, and the ticket is going to be read to find out. */
export interface DoubtArose extends EventSubject {
  readonly type: 'in-doubt';
  readonly reason: string;
}

/** What reading the ticket said of a change in doubt. */
export interface DoubtSettled extends EventSubject {
  readonly type: 'settled';
  readonly settlement: Settlement['kind'];
  /** How often the ticket was looked at. */
  readonly reads: number;
  /** Where it was seen last, if it could be read. */
  readonly observed: string | undefined;
}

/** A change or a move has ended; a move with the outcome that decided. */
export interface ChangeEnded extends EventSubject {
  readonly type: 'ended';
  readonly outcome: Outcome;
}

/** Something of yours failed before anything was sent: a guard, a store. The call rejects with it. */
export interface ChangeBroken extends EventSubject {
  readonly type: 'broken';
  readonly error: unknown;
}

/** A ticket was found to have moved, and not by this workflow. */
export interface TicketObserved extends EventSubject {
  readonly type: 'observed';
  readonly previous: string;
  readonly status: string;
  /** What the lifecycle makes of it. */
  readonly change: Observation;
}

/** The store failed after a change was sent. The outcome stands all the same. */
export interface StoreFailed extends EventSubject {
  readonly type: 'store-failed';
  readonly error: unknown;
}

/** Everything that a workflow tells, each step as it happens. None of it holds the key. */
export type WorkflowEvent =
  | ChangeAsked
  | ChangeAllowed
  | ChangeBlocked
  | (RequestEvent & EventSubject)
  | DoubtArose
  | DoubtSettled
  | ChangeEnded
  | ChangeBroken
  | TicketObserved
  | StoreFailed
  | LimiterEvent;

/** Is told what happens. What it throws is ignored: watching must not change what is watched. */
export type WorkflowListener = (event: WorkflowEvent) => void;

/** Tells what happens to one ticket, for one change. */
export type Emit = (event: EventBody) => void;

/** An event without its subject, which the one who tells adds. */
export type EventBody = WorkflowEvent extends infer Event
  ? Event extends EventSubject
    ? Omit<Event, keyof EventSubject>
    : never
  : never;
