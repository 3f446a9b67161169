import type { Blocker } from '../blockers.ts';
import type { CompiledMachine, Edge } from '../definition/compile.ts';
import type { Explainer } from './explain.ts';
import { leadsElsewhere, unknownState } from '../blockers.ts';
import type { TicketStatus } from '../ticket-status.ts';
import type { AllowedTransition } from './verdict.ts';
import { shortestPaths } from '../shortest-paths.ts';

/** A state by its name, or any state that stands for an API status. */
export type PlanTarget<State extends string = string> = State | { readonly status: TicketStatus };

/** What a plan may take into account. */
export interface PlanOptions<Event extends string = string, Context = unknown> {
  /**
   * What the guards are asked with, the same at every step: a plan runs no actions.
   *
   * @defaultValue the machine's initial context
   */
  readonly context?: Context | undefined;
  /** Events to prefer, the dearest first, where paths are equally long. */
  readonly prefer?: readonly Event[] | undefined;
  /** What events carry beside their type, where a schema or a guard asks for it. */
  readonly payloads?: { readonly [Name in Event]?: object } | undefined;
}

/** The steps to take, in order. */
export interface Plan<State extends string = string, Event extends string = string> {
  readonly kind: 'plan';
  readonly from: State;
  readonly to: State;
  /** In order. A step between two states of one status sends nothing: `changesStatus: false`. */
  readonly steps: readonly AllowedTransition<State, Event>[];
  /** How many of the steps change the status that the API knows. */
  readonly statusChanges: number;
  /** What the plan costs at least: one request for each change of status, none for other steps. */
  readonly requests: number;
  /** How much of the API's 25 requests per second and key the requests take, in seconds. */
  readonly seconds: number;
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
      /** Why the shortest path of the definition is blocked now. */
      readonly blockers: readonly Blocker[];
    }
  | {
      readonly kind: 'ambiguous';
      readonly from: State;
      readonly to: string;
      /** The equally short paths, at most 20. */
      readonly candidates: readonly (readonly AllowedTransition<State, Event>[])[];
    };

// Source: Series HR, "Change ticket status".
const requestsPerSecond = 25;

/** Finds the shortest path that the guards leave open. A tie is an answer, never a guess. */
export function planPath(
  machine: CompiledMachine,
  explainer: Explainer,
  fingerprint: string,
  from: string,
  target: PlanTarget,
  { context, prefer = [], payloads = {} }: PlanOptions = {},
): PlanResult {
  const { statuses, edges } = machine;
  // Anything else from outside, null too, is a name that no state has.
  const isByStatus = typeof target === 'object' && target !== null;
  const to = isByStatus ? target.status : target;
  const targets = new Set(
    isByStatus
      ? [...statuses].filter(([, status]) => status === target.status).map(([state]) => state)
      : [target],
  );
  const unknown = (isByStatus ? [from] : [from, target]).filter((state) => !statuses.has(state));
  if (unknown.length > 0) {
    const blockers = unknown.map((state) => unknownState(state, [...statuses.keys()]));
    return { kind: 'blocked', from, to, blockers };
  }
  if (targets.has(from)) return { kind: 'already-there', from, to: from };

  const open = (state: string) => explainer.enabled(state, context, payloads);
  const paths = shortestPaths(from, targets, open, rankBy(prefer));
  const [steps] = paths;
  if (steps === undefined) return explainNoPath();
  if (paths.length > 1) return { kind: 'ambiguous', from, to, candidates: paths };
  const requests = steps.filter((step) => step.changesStatus).length;
  return {
    kind: 'plan',
    from,
    to: steps.at(-1)?.to ?? from,
    steps,
    statusChanges: requests,
    requests,
    seconds: requests / requestsPerSecond,
    fingerprint,
  };

  function explainNoPath(): PlanResult {
    const defined = shortestPaths(from, targets, (state) => edges.get(state) ?? []).at(0);
    if (defined === undefined) return { kind: 'unreachable', from, to };
    return { kind: 'blocked', from, to, blockers: defined.flatMap(blockersOf) };
  }

  function blockersOf(edge: Edge): readonly Blocker[] {
    const payload = Object.hasOwn(payloads, edge.event) ? payloads[edge.event] : {};
    const verdict = explainer.explain(edge.from, { ...payload, type: edge.event }, context);
    if (!verdict.allowed) return verdict.blockers;
    // Another edge of the same event may come first now.
    return verdict.to === edge.to ? [] : [leadsElsewhere(edge, verdict.to)];
  }
}

function rankBy(prefer: readonly string[]) {
  const ranks = new Map(prefer.map((event, index) => [event, index]));
  return ({ event }: { readonly event: string }) => ranks.get(event) ?? ranks.size;
}
