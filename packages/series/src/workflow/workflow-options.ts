import {
  anything,
  checkOptions,
  hasMethod,
  milliseconds,
  oneOf,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import type { Lifecycle } from '@ticket-lifecycle/core';
import type { SeriesClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { aBoolean, aSignal } from '../options.ts';
import type { ReadPolicy } from '../tickets/locate.ts';
import type { StatusStore } from '../tickets/status-store.ts';

/** What a workflow needs of a client. */
export type WorkflowClient = Pick<SeriesClient, 'changeStatus' | 'getTicket' | 'timeoutMs'> &
  Partial<Pick<SeriesClient, 'claim' | 'rateLimiter' | 'keyId'>>;

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
  /** @defaultValue a store in memory */
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
   * How long a request may still be under way after its answer was given up.
   *
   * @defaultValue one second more than the client's `timeoutMs`
   */
  readonly settleMs?: number | undefined;
  /**
   * How long to go on after `settleMs` when a ticket in doubt can't be read. Its other changes wait
   * until then.
   *
   * @defaultValue as long as `settleMs`
   */
  readonly settleForMs?: number | undefined;
  /**
   * Whether to read a ticket back after each success.
   *
   * @defaultValue false
   */
  readonly verify?: boolean | undefined;
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

/** How to make one change. */
export interface ChangeOptions<State extends string = string, Context = unknown> {
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
  /** The state that the ticket is in, as far as you know. */
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
  /** Stops the change while it waits. A request under way is awaited. */
  readonly signal?: AbortSignal | undefined;
}

/** How to move to a status. */
export interface MoveOptions<
  State extends string = string,
  Event extends string = string,
  Context = unknown,
> extends ChangeOptions<State, Context> {
  /** Events to prefer between paths of equal length, most preferred first. */
  readonly prefer?: readonly Event[] | undefined;
}

/** How to settle a change that may have been sent before. */
export interface SettleOptions<State extends string = string> {
  /**
   * The ticket's state when the change was sent.
   *
   * @defaultValue the only state in which the event is possible, if there is only one
   */
  readonly from?: State | undefined;
  /**
   * When the change was sent, at the earliest: in milliseconds since the epoch, by the workflow's
   * clock. With it, later changes by others can be told from earlier ones.
   */
  readonly sentAt?: number | undefined;
  /** The state that the change should lead to, for an event that leads to several. */
  readonly to?: State | undefined;
  /** Who must have claimed the ticket, if the change was sent as a claim. */
  readonly claimedBy?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const aReadPolicy = oneOf('when-unknown', 'always', 'never');

/** Checks a workflow's options, once, where they are given. */
export function checkWorkflowOptions(options: WorkflowOptions): void {
  const checks: OptionChecks<WorkflowOptions> = {
    lifecycle: hasMethod('explain', 'a lifecycle, as defineLifecycle makes it'),
    client: hasMethod('changeStatus', 'a client, as createSeriesClient makes it'),
    store: hasMethod('get', 'a StatusStore'),
    clock: hasMethod('now', 'a Clock'),
    read: aReadPolicy,
    settle: oneOf('read', 'never'),
    settleMs: milliseconds,
    settleForMs: milliseconds,
    verify: aBoolean,
  };
  checkOptions('createTicketWorkflow', options, checks, { required: ['lifecycle', 'client'] });
}

// The same options may be handed to each of the three.
const changeChecks: OptionChecks<MoveOptions> = {
  staffUserId: anything,
  from: anything,
  context: anything,
  prefer: anything,
  read: aReadPolicy,
  verify: aBoolean,
  via: oneOf('status', 'claim'),
  signal: aSignal,
};
const settleChecks: OptionChecks<SettleOptions> = {
  from: anything,
  to: anything,
  sentAt: anything,
  claimedBy: anything,
  signal: aSignal,
};

/** Checks how a change is to be made. Wrong ids and events become outcomes instead. */
export function checkAskedOptions(
  owner: 'explain' | 'apply' | 'moveTo' | 'settle',
  options: object,
): void {
  checkOptions(owner, options, owner === 'settle' ? settleChecks : changeChecks);
}

/** Gives the context of the guards, anew for each verdict. */
export const contextGiver = (context: unknown) => () =>
  typeof context === 'function' ? (context as () => unknown)() : context;
