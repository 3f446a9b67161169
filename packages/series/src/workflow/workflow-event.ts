import type { Observation, TicketStatus } from '@ticket-lifecycle/core';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import type { DropReason } from '../hand-over.ts';
import type { RequestEvent } from '../request/request-event.ts';
import type { LimiterEvent } from '../limiter/limiter-event.ts';
import type { Forced } from './override.ts';
import type { ChangeEntry, Outcome } from './outcome.ts';
import type { DoubtVerdict } from '../tickets/judge-doubt.ts';

/** The change or ticket that an event of a workflow is about. */
export interface EventSubject {
  /** On the workflow's clock, in whole milliseconds since the epoch. */
  readonly at: number;
  readonly ticketId: string;
  /**
   * The same for all events of one `apply`, `moveTo` or `settle`, and different for each.
   * `undefined` for a read that belongs to no change.
   */
  readonly changeId: number | undefined;
}

/** A change was asked for. Each is followed by exactly one `ended` or `broken`. */
export interface ChangeAsked<
  State extends string = string,
  Event extends string = string,
> extends EventSubject {
  readonly type: 'asked';
  /** `undefined` for a move, which finds its events itself. */
  readonly event: Event | undefined;
  /** The status or state that a move is to reach. */
  readonly to: State | TicketStatus | undefined;
}

/** The lifecycle allows the change: it is going to be sent. */
export interface ChangeAllowed<
  State extends string = string,
  Event extends string = string,
> extends EventSubject {
  readonly type: 'allowed';
  readonly event: Event;
  readonly from: State;
  readonly to: State;
  /** Present where it is forced: what the lifecycle has against it is in `overrode`. */
  readonly forced?: Forced | undefined;
}

/** The change is not possible now, and nothing is sent. */
export interface ChangeBlocked<Event extends string = string> extends EventSubject {
  readonly type: 'blocked';
  readonly event: Event | undefined;
  readonly blockers: readonly WorkflowBlocker[];
}

/** An answer was lost. The ticket is going to be read back. */
export interface DoubtArose extends EventSubject {
  readonly type: 'in-doubt';
  readonly reason: string;
  /** From when on its request can no longer be under way, on the same clock as `at`. */
  readonly quietAt: number;
}

/** What reading the ticket back has shown about a change in doubt. */
export interface DoubtSettled extends EventSubject {
  readonly type: 'settled';
  readonly settlement: DoubtVerdict;
  /** How often the ticket was read. */
  readonly reads: number;
  /** Its last status, if it could be read. */
  readonly observed: string | undefined;
}

/** A change or a move has ended; a move with the outcome that decided. */
export interface ChangeEnded<
  State extends string = string,
  Event extends string = string,
> extends EventSubject {
  readonly type: 'ended';
  readonly outcome: Outcome<State, Event>;
}

/** A guard of yours failed before anything was sent. The call rejects with it. */
export interface ChangeBroken extends EventSubject {
  readonly type: 'broken';
  readonly error: unknown;
}

/** A ticket has moved, and not by this workflow. */
export interface TicketObserved<
  State extends string = string,
  Event extends string = string,
> extends EventSubject {
  readonly type: 'observed';
  readonly previous: string;
  readonly status: string;
  /** How the lifecycle explains it. */
  readonly change: Observation<Event, State>;
}

/**
 * The store failed or did not answer. The change goes on without what it remembers; only a step inside
 * one status, which no other place keeps, ends as `not-sent`.
 */
export interface StoreFailed extends Omit<EventSubject, 'ticketId'> {
  readonly type: 'store-failed';
  /** `undefined` where `runDue` wanted the list of its tickets. */
  readonly ticketId: string | undefined;
  readonly error: unknown;
}

/** `onChange` of the workflow or a watch failed. It gets the same again later. */
export interface SinkFailed extends EventSubject {
  readonly type: 'sink-failed';
  readonly error: unknown;
}

/** An entry that `onChange` does not get, or may not have got: keep it yourself. */
export interface EntryDropped extends EventSubject {
  readonly type: 'entry-dropped';
  readonly entry: ChangeEntry;
  /** `full`: 10,000 entries waited already. `closed`: `close` has ended, or has waited long enough. */
  readonly reason: DropReason;
}

/** All events of a workflow. None contains the key. */
export type WorkflowEvent<State extends string = string, Event extends string = string> =
  | ChangeAsked<State, Event>
  | ChangeAllowed<State, Event>
  | ChangeBlocked<Event>
  | (RequestEvent & EventSubject)
  | DoubtArose
  | DoubtSettled
  | ChangeEnded<State, Event>
  | ChangeBroken
  | TicketObserved<State, Event>
  | StoreFailed
  | SinkFailed
  | EntryDropped
  | LimiterEvent;

/** Called with each event. What it throws or rejects with is ignored. */
export type WorkflowListener<State extends string = string, Event extends string = string> = (
  event: WorkflowEvent<State, Event>,
) => void;

/** Emits the events of one change of one ticket. */
export type Emit = (event: EventBody) => void;

/** An event without its subject, which the emitter adds. */
export type EventBody = WorkflowEvent extends infer Event
  ? Event extends Omit<EventSubject, 'ticketId'>
    ? Omit<Event, keyof EventSubject>
    : never
  : never;
