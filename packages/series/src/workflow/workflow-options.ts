import type { Calendar, Lifecycle, Migration, TicketStatus } from '@ticket-lifecycle/core';
import type { ChangeSink } from './change-sink.ts';
import type { SeriesClient } from '../client/series-client.ts';
import type { Clock } from '../clock.ts';
import type { ReadPolicy } from '../tickets/locate.ts';
import type { Override } from './override.ts';
import type { StatusStore } from '../tickets/status-store.ts';

/** What a workflow needs of a client. */
export type WorkflowClient = Pick<SeriesClient, 'changeStatus' | 'getTicket' | 'timeoutMs'> &
  Partial<Pick<SeriesClient, 'claim' | 'rateLimiter' | 'keyId' | 'clock'>>;

/** The call that makes a change: setting the status, or claiming the ticket, which starts it too. */
export type ChangeMethod = 'status' | 'claim';

/** Settings of a workflow. */
export interface WorkflowOptions<
  State extends string = string,
  Event extends { readonly type: string } = { readonly type: string },
  Context = unknown,
> {
  readonly lifecycle: Lifecycle<State, Event, Context>;
  readonly client: WorkflowClient;
  /**
   * Remembers where tickets are. It serves one key: two workspaces may use the same ticket ids.
   *
   * @defaultValue a store in memory
   */
  readonly store?: StatusStore | undefined;
  /**
   * When to read a ticket before a change.
   *
   * @defaultValue 'when-unknown'
   */
  readonly read?: ReadPolicy | undefined;
  /**
   * Whether to read the ticket back when an answer was lost.
   *
   * @defaultValue 'read'
   */
  readonly settle?: 'read' | 'never' | undefined;
  /**
   * How long a server may still work on a request after its answer was given up. Until then the
   * ticket's next change waits. This is about the server and the network: a shorter `timeoutMs`
   * does not make it shorter.
   *
   * @defaultValue 30_000
   */
  readonly settleMs?: number | undefined;
  /**
   * How long to go on after `settleMs` when a ticket in doubt can't be read, or when it would tell
   * if only the server's clock were known better. Its other changes wait until then.
   *
   * @defaultValue 10_000
   */
  readonly settleForMs?: number | undefined;
  /**
   * Whether to read a ticket back after each success.
   *
   * @defaultValue false
   */
  readonly verify?: boolean | undefined;
  /**
   * Whether a change that surely was not processed may be sent once more after its answer was lost.
   *
   * @defaultValue 'once'
   */
  readonly resend?: ResendPolicy | undefined;
  /**
   * How long what is remembered of a ticket may stand in for a read. It is never the only reason
   * why a change is blocked or already made: then the ticket is read first, unless `read: 'never'`
   * forbids it.
   *
   * @defaultValue 60_000
   */
  readonly maxAgeMs?: number | undefined;
  /**
   * Takes every outcome, and every change of others that a read shows, as a journal entry, once. No
   * change waits for it. If it fails, it gets the same entry again, at the latest from `close`. An
   * entry that it does not get is reported as an `entry-dropped` event.
   *
   * @defaultValue none
   */
  readonly onChange?: ChangeSink | undefined;
  /**
   * Carries over what is stored under an older definition, as `defineMigration` makes it. The ticket
   * is read, and the carried state decides between several states of its status.
   *
   * @defaultValue none: a state that the lifecycle does not have is forgotten
   */
  readonly migration?: Migration | undefined;
  /** @defaultValue the client's clock */
  readonly clock?: Clock | undefined;
}

/** Whether a change whose answer was lost may be sent again once it is proven that it never arrived. */
export type ResendPolicy = 'once' | 'never';

/** A change as it is about to be sent. */
export interface ChangeToSend<State extends string = string, Event extends string = string> {
  readonly ticketId: string;
  readonly event: Event;
  /** The state from which it leads. */
  readonly from: State;
  /** The state to which it leads. */
  readonly to: State;
  /** The status that the API is asked to set. */
  readonly status: TicketStatus;
  readonly staffUserId: number;
  /**
   * In whole milliseconds since the epoch: on the workflow's clock, or on that of the system by the time
   * of the day.
   */
  readonly sentAt: number;
}

/** Is told of a change right before it is sent; awaited. */
export type BeforeSend<State extends string = string, Event extends string = string> = {
  // A method, so that a workflow of certain states is still a workflow of any.
  call(change: ChangeToSend<State, Event>): void | Promise<void>;
}['call'];

/** How to make one change. */
export interface ChangeOptions<
  State extends string = string,
  Context = unknown,
  Event extends string = string,
> {
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
  /**
   * The state that you know the ticket to be in. It is believed, unless another state is remembered,
   * of whatever age: then the ticket is read, as with `read: 'always'`, and a difference is blocked
   * as `stale`.
   */
  readonly from?: State | undefined;
  /** Passed to the guards. A function is called for each verdict. */
  readonly context?: Context | (() => Context) | undefined;
  /** @defaultValue the workflow's */
  readonly read?: ReadPolicy | undefined;
  /**
   * Whether to read the ticket back after a success. For one more request, this finds a server that
   * confirms and does nothing.
   *
   * @defaultValue the workflow's
   */
  readonly verify?: boolean | undefined;
  /**
   * `claim` claims the ticket for the staff member, which also sets it to `in-progress`. Only for
   * changes to that status.
   *
   * @defaultValue 'status'
   */
  readonly via?: ChangeMethod | undefined;
  /** @defaultValue the workflow's */
  readonly resend?: ResendPolicy | undefined;
  /**
   * Awaited when turn and slot have come and the guard has been asked again, right before the
   * request leaves: what you write down here may have been sent. Throw to send nothing; then the
   * change ends as `not-sent` with the reason `stopped`.
   */
  readonly beforeSend?: BeforeSend<State, Event> | undefined;
  /**
   * Asked in the moment in which the request is written. `false` cuts it before a byte has left,
   * and the change ends as `not-sent` with the reason `stopped`.
   */
  readonly mayWrite?: (() => boolean) | undefined;
  /** Stops the change while it waits. A request under way is awaited. */
  readonly signal?: AbortSignal | undefined;
}

/** How to make one change by `apply`. */
export interface ApplyOptions<
  State extends string = string,
  Context = unknown,
  Event extends string = string,
> extends ChangeOptions<State, Context, Event> {
  /**
   * Makes the change though the lifecycle forbids it: for administrators. Guards and missing
   * transitions are overridden, nothing else is. Outcome and journal entry say by whom, why, and
   * what was overridden.
   */
  readonly force?: Override<State> | undefined;
}

/** How to move to a status. */
export interface MoveOptions<
  State extends string = string,
  Event extends string = string,
  Context = unknown,
> extends ChangeOptions<State, Context, Event> {
  /** Events to prefer between paths of equal length, most preferred first. */
  readonly prefer?: readonly Event[] | undefined;
  /** What events carry beside their type, where a schema or a guard asks for it. */
  readonly payloads?: { readonly [Name in Event]?: object } | undefined;
}

/** How to make the events that are due. */
export interface RunDueOptions<
  Context = unknown,
  State extends string = string,
  Event extends string = string,
> extends Pick<
  ChangeOptions<State, Context, Event>,
  'staffUserId' | 'context' | 'beforeSend' | 'mayWrite' | 'signal'
> {
  /**
   * Where days, weeks, months and years are counted.
   *
   * @defaultValue UTC, where every day has 24 hours
   */
  readonly calendar?: Calendar | undefined;
}

/** How to find out where a ticket stands. */
export interface WhereOptions {
  /**
   * When to read the ticket: only where nothing fresh is remembered, or always.
   *
   * @defaultValue 'when-unknown'
   */
  readonly read?: Exclude<ReadPolicy, 'never'> | undefined;
  /** Ends the read at once. */
  readonly signal?: AbortSignal | undefined;
}

/** How to find out which events are possible. */
export interface EnabledOptions<Context = unknown> extends WhereOptions {
  /** Passed to the guards. */
  readonly context?: Context | (() => Context) | undefined;
  /** Has no effect here: so the same options do for `enabled` and `apply`. */
  readonly staffUserId?: number | undefined;
}

/** How to settle a change that may have been sent before. */
export interface SettleOptions<State extends string = string> {
  /**
   * The ticket's state when the change was sent.
   *
   * @defaultValue any state in which the event is possible
   */
  readonly from?: State | undefined;
  /**
   * When the change was sent, at the earliest: in milliseconds since the epoch, as `beforeSend` was
   * told it. With it, later changes by others can be told from earlier ones.
   */
  readonly sentAt?: number | undefined;
  /**
   * The state that the change was to lead to.
   *
   * @defaultValue any state that the event leads to
   */
  readonly to?: State | undefined;
  /**
   * Whether the change was forced: then `from` and `to` need no transition between them.
   *
   * @defaultValue false
   */
  readonly forced?: boolean | undefined;
  /** Who must have claimed the ticket, if the change was sent as a claim. */
  readonly claimedBy?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
