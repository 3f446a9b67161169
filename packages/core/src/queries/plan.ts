import type { Blocker } from '../blockers.ts';
import type { CompiledMachine, Edge } from '../definition/compile.ts';
import type { Explainer } from './explain.ts';
import { leadsElsewhere, quote, unknownState, unknownStatus } from '../blockers.ts';
import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';
import type { AllowedTransition } from './verdict.ts';
import { distancesTo, reachableFrom, shortestPaths } from '../shortest-paths.ts';

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
  /** States that the path must not pass. The target may be one of them. */
  readonly avoid?: readonly string[] | undefined;
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

const optionNames = ['context', 'prefer', 'avoid', 'payloads'];

// Source: Series HR, "Change ticket status".
const requestsPerSecond = 25;

/** Finds the shortest path that the guards leave open. A tie is an answer, never a guess. */
export function planPath(
  machine: CompiledMachine,
  explainer: Explainer,
  fingerprint: string,
  from: string,
  target: PlanTarget,
  options: PlanOptions = {},
): PlanResult {
  const { statuses, edges } = machine;
  const unknownOption = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknownOption !== undefined) {
    throw new TypeError(
      `plan: there is no option ${quote(unknownOption)}. Expected one of ${optionNames.join(', ')}.`,
    );
  }
  const { context, prefer = [], avoid = [], payloads = {} } = options;
  // Anything else from outside, null too, is a name that no state has.
  const isByStatus = typeof target === 'object' && target !== null;
  const to = isByStatus ? target.status : target;
  const targets = new Set(
    isByStatus
      ? [...statuses].filter(([, status]) => status === target.status).map(([state]) => state)
      : [target],
  );
  const unknown = [from, ...(isByStatus ? [] : [target]), ...avoid].filter(
    (state) => !statuses.has(state),
  );
  const blockers = unknown.map((state) => unknownState(state, [...statuses.keys()]));
  if (isByStatus && !ticketStatuses.some((status) => status === target.status)) {
    blockers.push(unknownStatus(target.status, ticketStatuses));
  }
  if (blockers.length > 0) return { kind: 'blocked', from, to, blockers };
  if (targets.has(from)) return { kind: 'already-there', from, to: from };

  const ahead = distancesTo(targets, edges);
  const asked = new Map<string, AllowedTransition | undefined>();
  const isAvoided = (state: string) => avoid.includes(state) && !targets.has(state);
  const paths = pathsFrom(from);
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

  /**
   * Tries paths as short as the definition allows, then longer ones. At each length it asks only
   * the guards of edges from which the target is still near enough, and each of them once.
   */
  function pathsFrom(start: string): readonly AllowedTransition[][] {
    const shortest = ahead.get(start) ?? Infinity;
    for (let length = shortest; length < statuses.size; length += 1) {
      const depths = new Map([[start, 0]]);
      const openEdges = (state: string): AllowedTransition[] => {
        const left = length - (depths.get(state) ?? 0) - 1;
        const isNear = (next: string) => (ahead.get(next) ?? Infinity) <= left && !isAvoided(next);
        const near = (edges.get(state) ?? []).filter((edge) => isNear(edge.to));
        const events = [...new Set(near.map(({ event }) => event))];
        const onward = events
          .flatMap((event) => ask(state, event) ?? [])
          .filter((step) => isNear(step.to));
        for (const step of onward) {
          if (!depths.has(step.to)) depths.set(step.to, (depths.get(state) ?? 0) + 1);
        }
        return onward;
      };
      const found = shortestPaths(start, targets, openEdges, rankBy(prefer));
      if (found.length > 0) return found;
    }
    return [];
  }

  function ask(state: string, event: string): AllowedTransition | undefined {
    const key = JSON.stringify([state, event]);
    if (!asked.has(key)) asked.set(key, explainer.enabledBy(state, event, context, payloads));
    return asked.get(key);
  }

  function explainNoPath(): PlanResult {
    const definedFrom = (state: string) =>
      (edges.get(state) ?? []).filter((edge) => !isAvoided(edge.to));
    const defined = shortestPaths(from, targets, definedFrom).at(0);
    if (defined === undefined) return { kind: 'unreachable', from, to };
    const ignoresActions = [...reachableFrom(from, edges)].some((state) =>
      (edges.get(state) ?? []).some((edge) => edge.assigns),
    );
    const reasons = defined.flatMap(blockersOf);
    const note = ignoresActions ? { ignoresActions } : {};
    return { kind: 'blocked', from, to, blockers: reasons, ...note };
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
