import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ReadDefinition } from './read-definition.ts';
import type { Deadline, deadlinesOf } from './deadlines.ts';
import type { ReportFault } from './fault-list.ts';
import { checkActions } from './check-actions.ts';
import type { checkGraph } from './check-graph.ts';
import type { NodeConfig } from './check-nodes.ts';
import type { Sentences } from './fault-sentences.ts';
import {
  createGuardReader,
  type Condition,
  type GuardReader,
  type ReportGuardFault,
} from './guards.ts';
import { frozenCopy } from './guard-params.ts';
import { defaultStates, statusOfState } from './projection.ts';
import { everTaken } from './truth-table.ts';
import type { TicketStatus } from '../ticket-status.ts';

/*
 * How a definition becomes a lifecycle: it is read, checked and compiled. `buildLifecycle` in
 * lifecycle/build-lifecycle.ts runs the steps and throws one error with all faults at the end.
 *
 * 1. Read (read-definition.ts, mend-config.ts). An XState machine is taken as it is. A JSON
 *    config may hold anything: what XState would crash on is reported with its place and left out,
 *    and XState makes a machine of the rest. The transitions that were left out are kept as `lost`.
 *    read-notes.ts refuses what XState would ignore.
 * 2. Check. No check stops at its first fault, and none assumes that an earlier one passed.
 *    - check-nodes.ts: one level of states, no timers, no `always`, no `invoke`
 *    - check-actions.ts: no action makes a transition, as `raise` does
 *    - projection.ts: each state stands for exactly one API status
 *    - guards.ts, guard-leaf.ts: each guard has a name, and an implementation that answers at once
 *    - deadlines.ts: `meta.due` names a duration and an event of its state
 *    - check-graph.ts: each state can be reached, and left unless it is final. A lost transition
 *      counts as the one that may be missing
 *    - lifecycle-options.ts, payloads.ts: the options, by the events that were found
 *    - lifecycle/check-due-payloads.ts: no deadline's event needs data, which time does not bring
 * 3. Compile (below). Each state gets its status, its deadlines and its edges, in XState's order:
 *    its own transitions first, then those of the machine, unless it is final or forbids the event
 *    with an empty transition. Of several edges of one event the first whose conditions all hold
 *    is taken. An edge that is taken for no answers of the guards (truth-table.ts) is a fault where
 *    its own node is to blame, and is dropped where a state overrides the machine.
 *
 * A lean lifecycle is compiled without some parts (lifecycle/whole-parts.ts): it gives a fault's code
 * and facts instead of the sentence in fault-sentences.ts, mends no config, reads no notes of edges
 * (lifecycle/edge-notes.ts), and does not look for states that can't be reached or left, nor at deadlines. Whatever would make an answer wrong is
 * refused all the same.
 *
 * With any fault nobody gets the rows, so after a fault a step may return whatever is convenient.
 * The rows know nothing of XState: queries/table.ts lays them out for `explain`, and all other
 * queries read them as they are. test/xstate.test.ts compares a thousand random machines with
 * live actors of XState; test/definition/ has a test for each fault.
 */

/** A transition from one state to another, as the machine defines it: guards not yet asked. */
export interface Edge extends EdgeNotes {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly conditions: readonly Condition[];
}

/** What only a whole lifecycle reads of an edge. */
export interface EdgeNotes {
  /** Whether an action on its way changes the context. */
  readonly assigns?: boolean;
  readonly meta?: Meta | undefined;
  readonly description?: string | undefined;
}

/** Reads the notes of a transition out of a state. */
export type EdgeNoter = (transition: AnyTransitionDefinition, from: AnyStateNode) => EdgeNotes;

/** What a definition notes of a state or a transition. */
export type Meta = Readonly<Record<string, unknown>>;

/** A machine as plain rows: each state's status, edges in order of definition, and deadlines. */
export interface CompiledMachine {
  readonly initial: string;
  readonly statuses: ReadonlyMap<string, TicketStatus>;
  /** For a status of several states: the state that its `meta` marks as the default. */
  readonly defaults: ReadonlyMap<TicketStatus, string>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  readonly deadlines: ReadonlyMap<string, readonly Deadline[]>;
  /** What each state's `meta` holds, with its description. */
  readonly metas: ReadonlyMap<string, Meta>;
}

/** What a lean lifecycle compiles without. */
export interface CompileParts {
  readonly sentences?: Sentences;
  readonly createEdgeNoter?: (machine: AnyStateMachine) => EdgeNoter;
  readonly readDeadlines?: typeof deadlinesOf;
  readonly checkGraph?: typeof checkGraph;
}

/**
 * Compiles a machine into rows, and reports everything that keeps it from being a lifecycle.
 */
export function compile(
  { machine, initial, isFlat, lost }: ReadDefinition,
  report: ReportFault,
  { sentences, readDeadlines, checkGraph, createEdgeNoter }: CompileParts,
): CompiledMachine {
  const states: AnyStateNode[] = Object.values(machine.root.states);
  const readGuard = createGuardReader(machine, sentences);
  const noteEdge = createEdgeNoter?.(machine);
  for (const node of [machine.root, ...states]) {
    const { entry, exit, initial: start } = node.config as NodeConfig;
    const actions = (start as NodeConfig | undefined)?.['actions'];
    for (const [name, its] of Object.entries({ entry, exit, 'initial.actions': actions })) {
      checkActions(machine, its, placeOf(node, machine) + name, report);
    }
  }
  const statuses = new Map<string, TicketStatus>();
  const edges = new Map<string, Edge[]>();
  const deadlines = new Map<string, Deadline[]>();
  for (const state of states) {
    const status = statusOfState(state, report);
    if (status !== undefined) statuses.set(state.key, status);
    const out = edgesOf(state, machine, readGuard, noteEdge, report);
    edges.set(state.key, out);
    if (readDeadlines) deadlines.set(state.key, readDeadlines(state, out, lost, report));
  }
  if (isFlat) checkGraph?.(initial, states, edges, lost, report);
  const defaults = defaultStates(states, statuses, report);
  const metas = new Map(
    states.map(({ key, meta, description }) => [
      key,
      frozenCopy<Meta>({ ...(description === undefined ? {} : { description }), ...meta }),
    ]),
  );
  return { initial: initial ?? '', statuses, defaults, edges, deadlines, metas };
}

const placeOf = (node: AnyStateNode, { root }: AnyStateMachine) =>
  node === root ? '' : `states.${node.key}.`;

function edgesOf(
  state: AnyStateNode,
  machine: AnyStateMachine,
  readGuard: GuardReader,
  noteEdge: EdgeNoter | undefined,
  report: ReportFault,
): Edge[] {
  const own = transitionsOf(state);
  if (state.type === 'final' && own.some((one) => !isForbidding(one))) {
    report(`states.${state.key}`, 'final-with-exit');
  }
  const forbidden = new Map<string, AnyStateNode>();
  // As in XState, the machine's transitions come after the state's, and end in a final state.
  const shared = state.type === 'final' ? [] : transitionsOf(machine.root);

  const found: Found[] = [];
  for (const transition of [...own, ...shared]) {
    const { eventType: event, source, target, guard } = transition;
    if ((forbidden.get(event) ?? source) !== source) continue;
    const place = `${placeOf(source, machine)}on.${event}`;
    const fault: ReportGuardFault = (...what) => report(place, ...what);
    // XState takes a star anywhere else for a letter. One that forbids hides events as well.
    if (event === '*' || event.endsWith('.*')) fault('wildcard-event');
    if (isForbidding(transition)) {
      forbidden.set(event, source);
      if (guard !== undefined) fault('guarded-forbidding');
      continue;
    }
    if (forbidden.has(event)) fault('shadowed-transition', { why: 'forbidden' });
    if (target !== undefined && (target.length !== 1 || target[0]?.parent !== machine.root)) {
      fault('no-single-target');
    }
    checkActions(machine, transition.actions, `${place}.actions`, report);
    let isReadable = true;
    const conditions = readGuard(guard, (...what) => {
      isReadable = false;
      fault(...what);
    });
    const edge: Edge = {
      event,
      from: state.key,
      to: target?.[0]?.key ?? state.key,
      conditions,
      ...noteEdge?.(transition, state),
    };
    found.push({ edge, source, isReadable, fault });
  }
  const taken = new Set<Found>();
  for (const event of new Set(found.map(({ edge }) => edge.event))) {
    const rivals = found.filter(({ edge }) => edge.event === event);
    for (const node of [state, machine.root]) {
      reportShadowed(rivals.filter(({ source }) => source === node));
    }
    for (const one of everTaken(rivals)) taken.add(one);
  }
  return found.filter((one) => taken.has(one)).map(({ edge }) => edge);
}

/** An edge with the node that has its transition. */
interface Found {
  readonly edge: Edge;
  readonly source: AnyStateNode;
  readonly isReadable: boolean;
  readonly fault: ReportGuardFault;
}

/** Reports the edges of one event and one node that are never taken, whatever the guards say. */
function reportShadowed(rivals: readonly Found[]): void {
  const taken = everTaken(rivals);
  for (const [index, one] of rivals.entries()) {
    if (taken.has(one)) continue;
    const winner = rivals
      .slice(0, index)
      .find((first) => first.isReadable && !everTaken([first, one]).has(one));
    one.fault('shadowed-transition', {
      winner: winner?.edge.to,
      loser: one.edge.to,
      why: !everTaken([one]).has(one)
        ? 'never'
        : winner === undefined
          ? 'together'
          : winner.edge.conditions.length === 0
            ? 'bare'
            : 'less',
    });
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
