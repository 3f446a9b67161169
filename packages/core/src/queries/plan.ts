import type { Blocker } from '../blockers.ts';
import type { CompiledMachine, Edge } from '../definition/compile.ts';
import { definedPaths, type BlockedPath } from './blocked-paths.ts';
import { cheapestPaths } from './cheapest-paths.ts';
import { payloadIn, type Explainer } from './explain.ts';
import { leadsElsewhere, quote, unknownState, unknownStatus } from '../blockers.ts';
import { checkOptionTypes } from '../options.ts';
import { ticketStatuses } from '../ticket-status.ts';
import { expected } from '../values.ts';
import type { PlanOptions, PlanResult, PlanTarget } from './plan-result.ts';
import type { AllowedTransition } from './verdict.ts';
import { reachableFrom } from '../shortest-paths.ts';
import { nameHelp } from '../nearest-name.ts';

const optionTypes = {
  context: '',
  prefer: 'an array',
  avoid: 'an array',
  weights: 'an object',
  payloads: 'an object',
};

// Source: Series HR, "Change ticket status".
const requestsPerSecond = 25;

/**
 * Finds the shortest path that the guards leave open. A tie is an answer, never a guess.
 *
 * A step whose data will decide where it leads is taken only where no other path is open.
 */
export function planPath(
  machine: CompiledMachine,
  explainer: Explainer,
  fingerprint: string,
  from: string,
  target: PlanTarget,
  options: PlanOptions = {},
): PlanResult {
  const { statuses, edges } = machine;
  checkOptionTypes('plan', options, optionTypes);
  const { context, prefer = [], avoid = [], weights = {}, payloads = {} } = options;
  checkEvents(machine, { prefer, weights, payloads });
  checkWeights(weights, statuses.size);
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
  const blockers = unknown.map((state) => unknownState(state, [...statuses.keys()], nameHelp));
  if (isByStatus && !ticketStatuses.some((status) => status === target.status)) {
    blockers.push(unknownStatus(target.status, ticketStatuses, nameHelp));
  }
  if (blockers.length > 0) return { kind: 'blocked', from, to, blockers };
  if (targets.has(from)) return { kind: 'already-there', from, to: from };

  const asked = new Map<string, readonly AllowedTransition[]>();
  const isAvoided = (state: string) => avoid.includes(state) && !targets.has(state);
  let mayBranch = false;
  let paths = findPaths();
  if (paths.length === 0) {
    mayBranch = true;
    paths = withoutTwinPaths(findPaths());
  }
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
    ...(hasStaleGuard(steps) && { ignoresActions: true }),
    fingerprint,
  };

  function findPaths(): readonly AllowedTransition[][] {
    const edgesOf = (state: string) => withoutTwins(definedFrom(state));
    // An earlier edge of the same event may be open.
    const open = ({ from: state, event, to: next }: Edge) =>
      ask(state, event).find((step) => step.to === next);
    const costOf = ({ event }: Edge) => (Object.hasOwn(weights, event) ? (weights[event] ?? 1) : 1);
    return cheapestPaths(from, targets, { edgesOf, open, costOf }, rankBy(prefer));
  }

  /** Whether a guard is asked after a step that changes the context. */
  function hasStaleGuard(path: readonly AllowedTransition[]): boolean {
    let isStale = false;
    for (const step of path) {
      const own = (edges.get(step.from) ?? []).filter(({ event }) => event === step.event);
      if (isStale && own.some(({ conditions }) => conditions.length > 0)) return true;
      isStale ||= own.some((edge) => edge.assigns && edge.to === step.to);
    }
    return false;
  }

  function definedFrom(state: string): readonly Edge[] {
    return (edges.get(state) ?? []).filter((edge) => !isAvoided(edge.to));
  }

  function ask(state: string, event: string): readonly AllowedTransition[] {
    const key = JSON.stringify([state, event]);
    const known = asked.get(key) ?? explainer.stepsBy(state, event, context, payloads);
    asked.set(key, known);
    return mayBranch || known.length < 2 ? known : [];
  }

  function explainNoPath(): PlanResult {
    const [defined, ...others] = definedPaths(
      from,
      targets,
      new Map([...edges.keys()].map((state) => [state, definedFrom(state)])),
    );
    if (defined === undefined) return { kind: 'unreachable', from, to };
    const ignoresActions = [...reachableFrom(from, edges)].some((state) =>
      (edges.get(state) ?? []).some((edge) => edge.assigns),
    );
    const reasons: Blocker[] = [];
    for (const edge of defined) {
      try {
        reasons.push(...blockersOf(edge));
      } catch (error) {
        // Behind a step that is blocked, no guard is asked in earnest.
        if (reasons.length === 0) throw error;
      }
    }
    const alternatives = others.flatMap(explainPath);
    return {
      kind: 'blocked',
      from,
      to,
      blockers: reasons,
      ...(alternatives.length > 0 && { alternatives }),
      ...(ignoresActions && { ignoresActions }),
    };
  }

  /** Nothing where a guard throws: that another path is told as well is a courtesy. */
  function explainPath(path: readonly Edge[]): BlockedPath[] {
    const way = path.map((edge) => ({ from: edge.from, event: edge.event, to: edge.to }));
    try {
      return [{ steps: way, blockers: path.flatMap(blockersOf) }];
    } catch {
      return [];
    }
  }

  function blockersOf(edge: Edge): readonly Blocker[] {
    const { from: state, event } = edge;
    const payload = payloadIn(payloads, event);
    const verdict =
      payload === undefined
        ? explainer.explainName(state, event, context)
        : explainer.explain(state, { ...payload, type: event }, context);
    if (!verdict.allowed) return verdict.blockers;
    const possible = verdict.targets ?? [verdict.to];
    // Another edge of the same event may come first now.
    return possible.includes(edge.to) ? [] : [leadsElsewhere(edge, verdict.to)];
  }
}

/** Checks the events that options name. */
function checkEvents(
  { edges }: CompiledMachine,
  { prefer, ...named }: { readonly prefer: readonly string[]; readonly [option: string]: unknown },
): void {
  const events = new Set([...edges.values()].flat().map(({ event }) => event));
  const check = (place: string, event: string) => {
    if (events.has(event)) return;
    const known = `Expected one of ${[...events].join(', ')}.`;
    throw new RangeError(`plan: ${place}: There is no event ${quote(event)}. ${known}`);
  };
  prefer.forEach((event, index) => check(`prefer[${index}]`, event));
  for (const [option, value] of Object.entries(named)) {
    for (const event of Object.keys(value ?? {})) check(`${option}.${event}`, event);
  }
}

/** Checks what events cost. A path leads to each state once at most, and its sum has to be a number. */
function checkWeights(weights: Weights, states: number): void {
  for (const [event, weight] of Object.entries(weights)) {
    if (typeof weight === 'number' && weight > 0 && weight * states < Infinity) continue;
    if (weight === undefined) continue;
    throw new RangeError(
      `plan: weights.${event}: ${expected('a number above 0 that can be added up', weight)}`,
    );
  }
}

type Weights = { readonly [event: string]: number | undefined };

/** Keeps one of several edges by which an event leads to one state. */
const withoutTwins = (edges: readonly Edge[]): readonly Edge[] =>
  edges.filter(
    ({ event, to }, index) =>
      edges.findIndex((other) => other.event === event && other.to === to) === index,
  );

/** Paths of the same events differ only in where its data leads a step: one of them is enough. */
const withoutTwinPaths = (paths: readonly AllowedTransition[][]) => {
  const keyOf = (path: readonly AllowedTransition[]) =>
    JSON.stringify(path.map(({ event }) => event));
  return paths.filter(
    (path, index) => paths.findIndex((other) => keyOf(other) === keyOf(path)) === index,
  );
};

function rankBy(prefer: readonly string[]) {
  const ranks = new Map(prefer.map((event, index) => [event, index]));
  return ({ event }: { readonly event: string }) => ranks.get(event) ?? ranks.size;
}
