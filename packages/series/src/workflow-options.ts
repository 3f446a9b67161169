import type { Lifecycle } from '@ticket-lifecycle/core';
import type { SeriesClient } from './client.ts';
import type { Clock } from './clock.ts';
import { checkOptions, hasMethod, milliseconds, oneOf } from './options.ts';
import type { ReadPolicy } from './position.ts';
import type { StatusStore } from './status-store.ts';

/** Settings of a workflow. */
export interface WorkflowOptions<
  State extends string = string,
  Event extends { readonly type: string } = { readonly type: string },
  Context = unknown,
> {
  readonly lifecycle: Lifecycle<State, Event, Context>;
  readonly client: Pick<SeriesClient, 'changeStatus' | 'getTicket' | 'timeoutMs'>;
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
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

/** How to make one change. */
export interface ChangeOptions<State extends string = string, Context = unknown> {
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
  /** Where the caller knows the ticket to stand. */
  readonly from?: State | undefined;
  /** What the guards are asked with; a function is called at each judgement. */
  readonly context?: Context | (() => Context) | undefined;
  /** @defaultValue the workflow's */
  readonly read?: ReadPolicy | undefined;
  /** Stops the change while it waits; what is under way is seen to its end. */
  readonly signal?: AbortSignal | undefined;
}

/** How to walk to a status. */
export interface MoveOptions<
  State extends string = string,
  Event extends string = string,
  Context = unknown,
> extends ChangeOptions<State, Context> {
  /** Events to prefer where ways are equally long, the dearest first. */
  readonly prefer?: readonly Event[] | undefined;
}

/** Checks a workflow's options, once, so that a mistake shows where it was made. */
export function checkWorkflowOptions(options: WorkflowOptions): void {
  const checks = {
    lifecycle: hasMethod('explain', 'a lifecycle, as defineLifecycle makes it'),
    client: hasMethod('changeStatus', 'a client, as createSeriesClient makes it'),
    store: hasMethod('get', 'a StatusStore'),
    clock: hasMethod('now', 'a Clock'),
    read: oneOf('when-unknown', 'always', 'never'),
    settle: oneOf('read', 'never'),
    settleMs: milliseconds,
  };
  checkOptions('createTicketWorkflow', options, checks, ['lifecycle', 'client']);
}
