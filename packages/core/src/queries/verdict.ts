import type { Blocker, BlockerOf } from '../blockers.ts';
import type { TicketStatus } from '../ticket-status.ts';

/** A transition that is open now. */
export interface AllowedTransition<State extends string = string, Event extends string = string> {
  readonly allowed: true;
  readonly from: State;
  readonly to: State;
  readonly event: Event;
  /** The API status that `to` stands for. */
  readonly status: TicketStatus;
  /** Whether the API has to be told: `false` between two states of the same status. */
  readonly changesStatus: boolean;
  /**
   * Set where only the event's name was asked about, and its schema asks for data: the transition
   * is open once the event carries these fields. Empty where the schema names none.
   */
  readonly needs?: readonly string[];
}

/** A transition that is blocked, with every reason. */
export interface BlockedTransition<
  State extends string = string,
  Event extends string = string,
  Reason extends BlockerOf<string, unknown> = Blocker,
> {
  readonly allowed: false;
  readonly from: State;
  readonly event: Event;
  /** All reasons, never only the first. */
  readonly blockers: readonly Reason[];
  /** What would be possible now instead, as far as an event's name alone can tell. */
  readonly enabled: readonly AllowedTransition<State, Event>[];
  /**
   * Whether it can ever become allowed from here: `here` with another context or payload, `later`
   * in a state that can be reached from here, or `never`. What guards will answer is not known, so
   * the first two are no promise. A lifecycle always says it; an adapter's own refusals need not.
   */
  readonly ever?: 'here' | 'later' | 'never';
}

/** The answer to "may I?". */
export type Verdict<
  State extends string = string,
  Event extends string = string,
  Reason extends BlockerOf<string, unknown> = Blocker,
> = AllowedTransition<State, Event> | BlockedTransition<State, Event, Reason>;
