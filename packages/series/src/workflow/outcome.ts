import type { AllowedTransition, Blocker, TicketStatus, Verdict } from '@ticket-lifecycle/core';
import type { Effort } from '../request/send-until-final.ts';
import type { OutcomeUnknownError, SeriesApiError, SeriesError } from '../errors.ts';

/** What every outcome carries. `attempts` counts the writes; a read that came first is not one. */
export interface OutcomeBase extends Effort {
  readonly ticketId: string;
  /** The state in which the guard saw the ticket, or `undefined` where that was not found out. */
  readonly from: string | undefined;
  /** The state that was asked for, or `undefined` where nothing leads there. */
  readonly to: string | undefined;
  /** `undefined` for a move that found no way, and so no event. */
  readonly event: string | undefined;
  /**
   * Milliseconds between learning where the ticket stood and sending the change: within them
   * somebody else may have moved it. `undefined` where nothing was sent.
   */
  readonly raceWindowMs?: number;
  /**
   * How often the ticket was read back to settle a doubt or to verify a success. `undefined` where
   * neither was needed.
   */
  readonly reads?: number;
}

/** The change arrived. */
export interface Confirmed extends OutcomeBase {
  readonly kind: 'confirmed';
  readonly status: TicketStatus;
  /**
   * What told us: the server's answer, or a look at the ticket after the answer was lost. A look
   * shows that the ticket has the status, not whose request it was.
   */
  readonly by: 'response' | 'observation';
  readonly message: string | undefined;
  /**
   * With `verify`: the ticket was read back and has the status. Where it could not be read, or
   * shows something else, the change is `unknown`.
   */
  readonly verified?: true;
}

/** The ticket already has that status: nothing was sent, and no second system message written. */
export interface Unchanged extends OutcomeBase {
  readonly kind: 'unchanged';
  readonly status: TicketStatus;
}

/** The lifecycle forbids it: nothing was sent. */
export interface Blocked extends OutcomeBase {
  readonly kind: 'blocked';
  /** All reasons. */
  readonly blockers: readonly Blocker[];
  /** What would be possible instead. */
  readonly enabled: readonly AllowedTransition[];
}

/** The server refused it: nothing changed. */
export interface Refused extends OutcomeBase {
  readonly kind: 'refused';
  readonly error: SeriesApiError;
}

/** It was surely not processed, and may be tried again. */
export interface NotSent extends OutcomeBase {
  readonly kind: 'not-sent';
  readonly error: SeriesError;
}

/** It may have been processed, and looking at the ticket did not settle it. */
export interface Unknown extends OutcomeBase {
  readonly kind: 'unknown';
  readonly error: OutcomeUnknownError;
  /** Where the ticket was seen afterwards, if it could be read. */
  readonly observed: string | undefined;
}

/** How a change ended. There is no other ending. */
export type Outcome = Confirmed | Unchanged | Blocked | Refused | NotSent | Unknown;

/** The outcome of a change that may not be sent, for the adapter's reasons and the lifecycle's. */
export function blocked(
  base: OutcomeBase,
  verdict: Verdict | undefined,
  reasons: readonly Blocker[] = [],
): Blocked {
  return verdict === undefined || verdict.allowed
    ? { kind: 'blocked', ...base, blockers: reasons, enabled: [] }
    : {
        kind: 'blocked',
        ...base,
        blockers: [...reasons, ...verdict.blockers],
        enabled: verdict.enabled,
      };
}
