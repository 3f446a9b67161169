import { createAligner, type Column } from './alignment.ts';
import type { Graph } from '../status-paths.ts';
import { checkOptionTypes } from '../options.ts';
import { replayOptionTypes, type ReplayOptions, type ReplayStep } from './replay.ts';
import type { TicketStatus } from '../ticket-status.ts';

/** What the replay of logs needs of a lifecycle. Every `Lifecycle` has it. */
export interface ReplayableLifecycle<State extends string = string, Event extends string = string> {
  readonly initial: State;
  readonly states: readonly State[];
  readonly edges: readonly { readonly from: State; readonly to: State; readonly event: Event }[];
  statusOf(state: State): TicketStatus | undefined;
}

/**
 * All that a replay knows of a ticket: where it can be, and at what cost. Equal places are mostly
 * one object, so a place is a reference and not a copy.
 */
export interface ReplayPlace<State extends string = string> {
  /** The status of the last row. */
  readonly status: string;
  /** The states that the ticket can be in, where several share the status. */
  readonly states?: readonly State[];
}

/** A step from one place to the next. Equal steps are mostly one object. */
export interface PlacedStep<Event extends string = string, State extends string = string> {
  readonly to: ReplayPlace<State>;
  readonly step: WithoutIndex<ReplayStep<Event, State>>;
}

type WithoutIndex<Step> = Step extends unknown ? Omit<Step, 'index'> : never;

/** Replays one row at a time. */
export interface ReplayStepper<Event extends string = string, State extends string = string> {
  /** Where a ticket is after its first row. */
  first(status: string): ReplayPlace<State>;
  /** What the next row means for a ticket in that place, and where it is then. */
  follow(place: ReplayPlace<State>, status: string): PlacedStep<Event, State>;
}

/**
 * Replays rows for callers who keep the place of each ticket themselves. The stepper keeps nothing
 * of any ticket, and each step is judged by the rows up to it.
 *
 * @example
 * ```ts
 * import { createReplayStepper, ticketLifecycle } from '@ticket-lifecycle/core';
 *
 * const stepper = createReplayStepper(ticketLifecycle);
 * const { step, to } = stepper.follow(stepper.first('open'), 'resolved');
 * console.log(step.kind, to.status); // path resolved
 * ```
 */
export function createReplayStepper<State extends string, Event extends string>(
  lifecycle: ReplayableLifecycle<State, Event>,
  options: ReplayOptions = {},
): ReplayStepper<Event, State> {
  checkOptionTypes('createReplayStepper', options, replayOptionTypes);
  const { complete = false } = options;
  const aligner = createAligner(graphOf(lifecycle), complete);
  return {
    first: (status: string) => aligner.follow(aligner.unseen, status).to,
    follow: (place: unknown, status: string) => aligner.follow(place as Column, status),
  } as unknown as ReplayStepper<Event, State>;
}

/**
 * Lays a lifecycle out as the replay reads it. A state that rows name has a status of its own there,
 * with its own name.
 */
export function graphOf(lifecycle: ReplayableLifecycle, named: readonly string[] = []): Graph {
  const { initial, states, edges } = lifecycle;
  const statuses = new Map(
    states.map((state) => [
      state,
      named.includes(state) ? state : (lifecycle.statusOf(state) ?? state),
    ]),
  );
  return { initial, statuses, edges: Map.groupBy(edges, ({ from }) => from) };
}
