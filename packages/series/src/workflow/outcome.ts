import type { JournalEntry } from '@ticket-lifecycle/core/journal';
import type { AllowedTransition, TicketStatus, Verdict } from '@ticket-lifecycle/core';
import type { Forced } from './override.ts';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import type { Effort } from '../request/call-options.ts';
import type { OutcomeUnknownError, SeriesApiError, SeriesError } from '../errors.ts';

/** What every outcome carries. Reads of the ticket count in neither `attempts` nor `waitedMs`. */
export interface OutcomeBase<
  State extends string = string,
  Event extends string = string,
> extends Effort {
  readonly ticketId: string;
  /** The state that the lifecycle was asked about; `undefined` if it was not found out. */
  readonly from: State | undefined;
  /** The new state; `undefined` if there is none. */
  readonly to: State | undefined;
  /** `undefined` for a move without a path, and so without an event. */
  readonly event: Event | undefined;
  /**
   * Milliseconds between our last reading of the ticket and sending the change. Somebody else may
   * have moved it in this time. Absent if we had not read it, or no attempt was made.
   */
  readonly raceWindowMs?: number;
  /**
   * How often the ticket was read back to settle a doubt or to verify a success. `undefined` if
   * neither was needed.
   */
  readonly reads?: number;
  /**
   * Present where the definition alone decided in which of several states of its status the ticket
   * was: by `meta: { default: true }`, or by the status's own name.
   */
  readonly assumed?: true;
  /**
   * Present where the change was sent once more: its answer was lost, and reads until `settleMs` had
   * passed showed that nothing had arrived. A server that carries out the lost request, or shows
   * it to its reads, later than that makes the change twice; `resend: 'never'` excludes it.
   */
  readonly resent?: true;
  /** Present where the change was forced: by whom, why, and what was overridden. */
  readonly forced?: Forced;
}

/** The change arrived. */
export interface Confirmed<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'confirmed';
  readonly status: TicketStatus;
  /**
   * The proof: the server's answer, or reading the ticket after the answer was lost. A reading shows
   * that the ticket has the status, not whose request it was. `lifecycle`: the
   * change stays inside one status, so there was nothing to send.
   */
  readonly by: 'response' | 'observation' | 'lifecycle';
  readonly message: string | undefined;
  /**
   * With `verify`: the ticket was read back and has the status. If it can't be read, or has another
   * status, the change is `unknown`.
   */
  readonly verified?: true;
}

/** The ticket was there already: nothing was sent, and no second system message written. */
export interface Unchanged<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'unchanged';
  readonly status: TicketStatus;
}

/** The lifecycle forbids it: nothing was sent. */
export interface Blocked<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'blocked';
  /** All reasons. */
  readonly blockers: readonly WorkflowBlocker[];
  /** The possible transitions. */
  readonly enabled: readonly AllowedTransition<State, Event>[];
}

/** The server refused it: nothing changed. */
export interface Refused<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'refused';
  readonly error: SeriesApiError;
}

/** It was surely not processed, and may be tried again. */
export interface NotSent<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'not-sent';
  readonly error: SeriesError;
}

/** It may have been processed, and reading the ticket did not settle it. */
export interface Unknown<
  State extends string = string,
  Event extends string = string,
> extends OutcomeBase<State, Event> {
  readonly kind: 'unknown';
  readonly error: OutcomeUnknownError;
  /** The ticket's status afterwards, if it could be read. */
  readonly observed: string | undefined;
}

/** How a change ended. There are no other outcomes. */
export type Outcome<State extends string = string, Event extends string = string> =
  | Confirmed<State, Event>
  | Unchanged<State, Event>
  | Blocked<State, Event>
  | Refused<State, Event>
  | NotSent<State, Event>
  | Unknown<State, Event>;

/** A change of a ticket for your own journal: how one of ours ended, or what others did. */
export interface ChangeEntry extends JournalEntry {
  /** The same if an entry is handed over again, because the sink had failed. */
  readonly id: string;
  /** How our change ended, or `observed` for a change of others. */
  readonly kind: Outcome['kind'] | 'observed';
}

/** The outcome of a change that may not be sent, for the adapter's reasons and the lifecycle's. */
export function blocked(
  base: OutcomeBase,
  verdict: Verdict | undefined,
  reasons: readonly WorkflowBlocker[] = [],
): Blocked {
  const refusal = verdict?.allowed === false ? verdict : undefined;
  const blockers = [...reasons, ...(refusal?.blockers ?? [])];
  return { kind: 'blocked', ...base, blockers, enabled: refusal?.enabled ?? [] };
}
