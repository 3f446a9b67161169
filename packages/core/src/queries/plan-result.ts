import type { Blocker } from '../blockers.ts';
import type { TicketStatus } from '../ticket-status.ts';
import type { BlockedPath } from './blocked-paths.ts';
import type { AllowedTransition } from './verdict.ts';

/** A state by its name, or any state that stands for an API status. */
export type PlanTarget<State extends string = string> = State | { readonly status: TicketStatus };

/** What a plan may take into account. */
export interface PlanOptions<
  Event extends string = string,
  Context = unknown,
  State extends string = string,
  Payloads = { readonly [Name in Event]?: object | undefined },
> {
  /**
   * What the guards are asked with, the same at every step: a plan runs no actions.
   *
   * @defaultValue the machine's initial context
   */
  readonly context?: Context | undefined;
  /** Events to prefer, the dearest first, where paths are equally long. */
  readonly prefer?: readonly Event[] | undefined;
  /** States that the path must not pass. The target may be one of them. */
  readonly avoid?: readonly State[] | undefined;
  /**
   * What each event costs, such as 5 for one that needs a person; more than 0. The plan then is
   * the cheapest path, and only paths that cost the same are `ambiguous`.
   *
   * @defaultValue 1 for each event, so that the shortest path is the plan
   */
  readonly weights?: { readonly [Name in Event]?: number | undefined } | undefined;
  /** What events carry beside their type, where a schema or a guard asks for it. */
  readonly payloads?: Payloads | undefined;
}

/** The steps to take, in order. */
export interface Plan<State extends string = string, Event extends string = string> {
  readonly kind: 'plan';
  readonly from: State;
  readonly to: State;
  /**
   * In order. A step between two states of one status sends nothing: `changesStatus: false`. Where a
   * step has `targets`, its data decides whether it leads to its `to`: such a step is planned only
   * where nothing else leads on.
   */
  readonly steps: readonly AllowedTransition<State, Event>[];
  /** How many of the steps change the status that the API knows. */
  readonly statusChanges: number;
  /** What the plan costs at least: one request for each change of status, none for other steps. */
  readonly requests: number;
  /** How much of the API's 25 requests per second and key the requests take, in seconds. */
  readonly seconds: number;
  /**
   * Set where a step changes the context (by `assign`) before a guard is asked. A plan runs no
   * actions, so its guards were asked with the context of the start.
   */
  readonly ignoresActions?: true;
  /** Of the lifecycle that planned it: a stored plan can be checked before it is carried out. */
  readonly fingerprint: string;
}

/** The answer to "how do I get there?". */
export type PlanResult<State extends string = string, Event extends string = string> =
  | Plan<State, Event>
  | { readonly kind: 'already-there'; readonly from: State; readonly to: State }
  | { readonly kind: 'unreachable'; readonly from: State; readonly to: string }
  | {
      readonly kind: 'blocked';
      readonly from: State;
      readonly to: string;
      /** Why the shortest path of the definition is blocked now. Data that is not given is no reason. */
      readonly blockers: readonly Blocker[];
      /** Other paths and what is in their way, the shortest first, at most 4. */
      readonly alternatives?: readonly BlockedPath<State, Event>[];
      /**
       * Set where the machine changes its context on the way (by `assign`). A plan runs no actions,
       * so the path may be open once they have run.
       */
      readonly ignoresActions?: true;
    }
  | {
      readonly kind: 'ambiguous';
      readonly from: State;
      readonly to: string;
      /** The equally short paths, at most 20. */
      readonly candidates: readonly (readonly AllowedTransition<State, Event>[])[];
    };
