import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { DefinitionFault } from './errors.ts';
import { conditionsOf, type Condition } from './guards.ts';
import { reachableFrom } from './ways.ts';
import { statusOfState } from './projection.ts';
import type { TicketStatus } from './ticket-status.ts';

/** A way from one state to another, as the machine defines it: guards not yet asked. */
export interface Edge {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly conditions: readonly Condition[];
}

/** A machine as plain rows: each state's status, and its edges in order of definition. */
export interface CompiledMachine {
  readonly initial: string;
  readonly statuses: ReadonlyMap<string, TicketStatus>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
}

/** Notes one fault of a definition and goes on, so that all of them come at once. */
export type ReportFault = (path: string, code: string, message: string) => void;

/** Reads a machine into rows, and collects everything that keeps it from being a lifecycle. */
export function compile(machine: AnyStateMachine): CompiledMachine & { faults: DefinitionFault[] } {
  // Keyed by its text: a fault of the machine's own transitions would come once for each state.
  const faults = new Map<string, DefinitionFault>();
  const report: ReportFault = (path, code, message) => {
    faults.set(`${path}: ${message}`, { code, path, message });
  };

  const states: AnyStateNode[] = Object.values(machine.root.states);
  const initial = checkRoot(machine.root, states, report);
  const statuses = new Map<string, TicketStatus>();
  const edges = new Map<string, Edge[]>();
  for (const state of states) {
    checkState(state, report);
    const status = statusOfState(state, report);
    if (status !== undefined) statuses.set(state.key, status);
    edges.set(state.key, edgesOf(state, machine, report));
  }
  if (initial !== undefined) checkGraph(initial, states, edges, report);
  return { initial: initial ?? '', statuses, edges, faults: [...faults.values()] };
}

function checkRoot(
  root: AnyStateNode,
  states: AnyStateNode[],
  report: ReportFault,
): string | undefined {
  checkActivities('(machine)', root, report);
  if (root.type === 'parallel') {
    report('(machine)', 'parallel', 'A ticket is in one state at a time. Drop type: "parallel".');
    return undefined;
  }
  const { initial: declared } = root.config as { initial?: string | { target?: string } };
  const initial = typeof declared === 'object' ? declared.target : declared;
  if (typeof initial === 'string' && states.some((state) => state.key === initial)) return initial;
  report('initial', 'no-initial', 'Name the state in which a new ticket starts.');
  return undefined;
}

function checkState(state: AnyStateNode, report: ReportFault): void {
  const path = `states.${state.key}`;
  if (state.type === 'history') {
    report(path, 'history-state', 'A history state needs nesting, and a lifecycle is flat.');
  } else if (state.type === 'compound' || state.type === 'parallel') {
    report(
      path,
      'nested-state',
      'A lifecycle is flat. Lift the inner states up, each with a meta.status.',
    );
  }
  checkActivities(path, state, report);
}

function checkActivities(path: string, node: AnyStateNode, report: ReportFault): void {
  if (node.config.after !== undefined) {
    report(
      path,
      'after',
      'Timers do not survive storing a ticket. Let the caller own the clock and send an event.',
    );
  }
  if (node.config.always !== undefined) {
    report(path, 'always', 'Nobody could explain a change that nobody asked for. Use an event.');
  }
  if (node.config.invoke !== undefined) {
    report(path, 'invoke', 'A lifecycle starts nothing. Invoke from the code that embeds it.');
  }
}

function edgesOf(state: AnyStateNode, machine: AnyStateMachine, report: ReportFault): Edge[] {
  const own = transitionsOf(state);
  const forbidden = new Set<string>();
  // As in XState, the machine's transitions come after the state's, and end in a final state.
  const shared = state.type === 'final' ? [] : transitionsOf(machine.root);

  const edges: Edge[] = [];
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
          'Whether this forbids depends on its guard. Guard the way itself, with not().',
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
    const edge = {
      event,
      from: state.key,
      to: target?.[0]?.key ?? state.key,
      conditions: conditionsOf(transition.guard, machine, (code, message) =>
        report(place, code, message),
      ),
    };
    const winner = edges.find((other) => other.event === event && other.conditions.length === 0);
    if (winner === undefined) {
      edges.push(edge);
    } else if (source === state) {
      report(
        place,
        'shadowed-transition',
        `The way to "${winner.to}" has no guard and always wins over the one to "${edge.to}". Guard it, or drop one.`,
      );
    }
  }
  return edges;
}

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

/** `on: { EVENT: {} }`: XState's way to forbid in one state what the whole machine allows. */
const isForbidding = ({ target, actions }: AnyTransitionDefinition) =>
  target === undefined && actions.length === 0;

function checkGraph(
  initial: string,
  states: readonly AnyStateNode[],
  edges: ReadonlyMap<string, readonly Edge[]>,
  report: ReportFault,
): void {
  const reachable = reachableFrom(initial, edges);
  for (const { key, type } of states) {
    const exits = (edges.get(key) ?? []).filter((edge) => edge.to !== key);
    if (!reachable.has(key)) {
      report(
        `states.${key}`,
        'unreachable-state',
        `No way leads here from "${initial}". Add one, or drop the state.`,
      );
    }
    if (type === 'final' && exits.length > 0) {
      report(
        `states.${key}`,
        'final-with-exit',
        'XState never leaves a final state. Drop type: "final" or the transition.',
      );
    }
    if (type !== 'final' && exits.length === 0) {
      report(
        `states.${key}`,
        'dead-end',
        'Nothing leads out. Add a transition, or say type: "final" if that is meant.',
      );
    }
  }
}
