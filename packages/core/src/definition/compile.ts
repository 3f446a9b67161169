import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ReadDefinition } from './read-definition.ts';
import { deadlinesOf, type Deadline } from './deadlines.ts';
import type { ReportFault } from './fault-list.ts';
import { checkRoot, checkState } from './check-flat.ts';
import { checkGraph } from './check-graph.ts';
import { createGuardReader, type Condition, type GuardReader } from './guards.ts';
import { statusOfState } from './projection.ts';
import type { TicketStatus } from '../ticket-status.ts';

/** A transition from one state to another, as the machine defines it: guards not yet asked. */
export interface Edge {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly conditions: readonly Condition[];
}

/** A machine as plain rows: each state's status, edges in order of definition, and deadlines. */
export interface CompiledMachine {
  readonly initial: string;
  readonly statuses: ReadonlyMap<string, TicketStatus>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  readonly deadlines: ReadonlyMap<string, readonly Deadline[]>;
}

/** Reads a machine into rows, and reports everything that keeps it from being a lifecycle. */
export function compile(
  { machine, isWhole }: ReadDefinition,
  report: ReportFault,
): CompiledMachine {
  const states: AnyStateNode[] = Object.values(machine.root.states);
  const names = states.map(({ key }) => key);
  const initial = isWhole ? checkRoot({ ...machine.config }, names, report) : undefined;
  const readGuard = createGuardReader(machine);
  const statuses = new Map<string, TicketStatus>();
  const edges = new Map<string, Edge[]>();
  const deadlines = new Map<string, Deadline[]>();
  for (const state of states) {
    checkState(state.key, { ...state.config }, report);
    const status = statusOfState(state, report);
    if (status !== undefined) statuses.set(state.key, status);
    const out = edgesOf(state, machine, readGuard, report);
    edges.set(state.key, out);
    const events = isWhole ? out.map(({ event }) => event) : undefined;
    deadlines.set(state.key, deadlinesOf(state, events, report));
  }
  // Where something could not be read, edges only seem to be missing.
  if (initial !== undefined) checkGraph(initial, states, edges, report);
  return { initial: initial ?? '', statuses, edges, deadlines };
}

function edgesOf(
  state: AnyStateNode,
  machine: AnyStateMachine,
  readGuard: GuardReader,
  report: ReportFault,
): Edge[] {
  const own = transitionsOf(state);
  const forbidden = new Set<string>();
  // As in XState, the machine's transitions come after the state's, and end in a final state.
  const shared = state.type === 'final' ? [] : transitionsOf(machine.root);

  const kept: { edge: Edge; source: AnyStateNode; isReadable: boolean }[] = [];
  for (const transition of [...own, ...shared]) {
    const { eventType: event, source, target } = transition;
    if (source !== state && forbidden.has(event)) continue;
    const place = source === state ? `states.${state.key}.on.${event}` : `on.${event}`;
    if (isForbidding(transition)) {
      forbidden.add(event);
      if (transition.guard !== undefined) {
        report(
          place,
          'guarded-forbidding',
          'Whether this forbids depends on its guard. Guard the transition itself, with not().',
        );
      }
      continue;
    }
    if (forbidden.has(event)) {
      report(
        place,
        'shadowed-transition',
        'An empty transition before this one always wins. Drop one.',
      );
    }
    checkTransition(place, transition, machine, report);
    let isReadable = true;
    const conditions = readGuard(transition.guard, (code, text) => {
      isReadable = false;
      report(place, code, text);
    });
    const edge = { event, from: state.key, to: target?.[0]?.key ?? state.key, conditions };
    // A guard that can't be read still guards its edge, which must not seem to win over others.
    const winner = kept.find((other) => other.isReadable && winsAlways(other.edge, edge));
    if (winner === undefined) {
      kept.push({ edge, source, isReadable });
    } else if (winner.source === source) {
      report(place, 'shadowed-transition', shadowed(winner.edge, edge));
    }
  }
  return kept.map(({ edge }) => edge);
}

/** Whether an edge that comes first leaves a later one no chance, whatever the guards say. */
const winsAlways = (first: Edge, later: Edge): boolean =>
  first.event === later.event &&
  first.conditions.every(({ key }) => later.conditions.some((other) => other.key === key));

const shadowed = (winner: Edge, loser: Edge): string =>
  winner.conditions.length === 0
    ? `The transition to "${winner.to}" has no guard and always wins over the one to "${loser.to}". Guard it, or drop one.`
    : `The transition to "${winner.to}" asks for less and always wins over the one to "${loser.to}". Put it last, or drop one.`;

function checkTransition(
  place: string,
  { eventType, target }: AnyTransitionDefinition,
  { root }: AnyStateMachine,
  report: ReportFault,
): void {
  if (target !== undefined && (target.length !== 1 || target[0]?.parent !== root)) {
    report(place, 'no-single-target', 'A transition leads to exactly one state of the machine.');
  }
  if (eventType.includes('*')) {
    report(place, 'wildcard-event', 'A wildcard hides which events are possible. Name each.');
  }
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values()]
    .flat()
    .filter(({ eventType }) => !eventType.startsWith('xstate.'));
}

/** `on: { EVENT: {} }`: forbids in one state what the whole machine allows. */
const isForbidding = ({ target, actions }: AnyTransitionDefinition) =>
  target === undefined && actions.length === 0;
