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
   * Set where only the event's name was asked about, and its schema asks for data: the fields that
   * the event has to carry. Empty where the schema names none. A guard that reads these fields has
   * not decided yet, and may still refuse the event.
   */
  readonly needs?: readonly string[];
  /**
   * Set beside `needs` where guards read these fields and decide between several states: all that
   * the event may lead to, in the order in which they are tried. `to` is the first of them; in a
   * step of a plan it is the one that the plan needs.
   */
  readonly targets?: readonly State[];
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
