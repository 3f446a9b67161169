import type { EventObject } from 'xstate';
import {
  guardFailed,
  noSuchTransition,
  unknownEvent,
  unknownState,
  type Blocker,
  type NameHelp,
} from '../blockers.ts';
import type { CompiledMachine, Edge } from '../definition/compile.ts';
import { paramsFor } from '../definition/guard-leaf.ts';
import { describeParams } from '../definition/guard-params.ts';
import {
  conditionsByName,
  failingConditions,
  isOpen,
  type Condition,
} from '../definition/guards.ts';
import { messageOf, type GuardMessages } from '../definition/lifecycle-options.ts';
import { needsOf, refusalsOf, type PayloadSchemas } from '../definition/payloads.ts';
import { layOut, type Cell } from './table.ts';
import type { AllowedTransition, BlockedTransition, Verdict } from './verdict.ts';
import { reachableFrom } from '../shortest-paths.ts';

/** What events carry, by their names. */
export type Payloads = Readonly<Record<string, object | undefined>>;

/** Answers what may happen, from a table. */
export type Explainer = ReturnType<typeof createExplainer>;

/** What an explainer has to know besides the edges. */
export interface ExplainerOptions {
  readonly events: readonly string[];
  readonly guardMessages: GuardMessages;
  readonly payloads: PayloadSchemas;
  readonly initialContext: unknown;
  /** Absent in a lean lifecycle. */
  readonly nameHelp: NameHelp | undefined;
}

/** Lays a machine out as a table in which most answers are ready. */
export function createExplainer(
  machine: CompiledMachine,
  { events, guardMessages, payloads, initialContext, nameHelp }: ExplainerOptions,
) {
  const states = Object.freeze([...machine.statuses.keys()]);
  const table = layOut(machine, payloads);
  const alwaysEnabled = new Map<string, readonly AllowedTransition[]>();
  for (const [state, row] of table) {
    const certain = [...row.values()].flatMap((cell) => cell.certain ?? []);
    if (certain.length === row.size) alwaysEnabled.set(state, Object.freeze(certain));
  }

  return { find, explain, explainName, enabled, stepsBy };

  /** The transition that an event makes now, if it is possible. Asks no more guards than XState does. */
  function find(
    state: string,
    asked: string | EventObject,
    context: unknown,
  ): AllowedTransition | undefined {
    const cell = table.get(state)?.get(typeOf(asked));
    if (cell === undefined || cell.certain !== undefined) return cell?.certain;
    const event = objectOf(asked);
    const given = context ?? initialContext;
    if (cell.schema !== undefined && refusalsOf(cell.schema, event).length > 0) return undefined;
    return cell.transitions.find(({ edge }) => isOpen(edge, given, event))?.verdict;
  }

  /** The verdict on an event of which only the name is known: what it lacks so far is no reason. */
  function explainName(state: string, event: string, context: unknown): Verdict {
    const [step] = stepsBy(state, event, context);
    const needs = needsIn(table.get(state)?.get(event));
    return step ?? explain(state, event, context, needs !== undefined);
  }

  function explain(
    state: string,
    event: string | EventObject,
    context: unknown,
    lacksData = false,
  ): Verdict {
    const type = typeOf(event);
    const cell = table.get(state)?.get(type);
    if (cell?.certain !== undefined) return cell.certain;

    const answer =
      cell === undefined
        ? missingTransition(state, type)
        : decide(cell, objectOf(event), context ?? initialContext, lacksData);
    if (!Array.isArray(answer)) return answer;
    return Object.freeze<BlockedTransition>({
      allowed: false,
      from: state,
      event: type,
      blockers: Object.freeze(answer),
      enabled: enabled(state, context, type),
      ever: cell === undefined ? everFrom(state, type) : 'here',
    });
  }

  /** Asks a payload's schema and all guards: the first transition that is open, or every reason. */
  function decide(
    { transitions, schema }: Cell,
    event: EventObject,
    context: unknown,
    lacksData: boolean,
  ) {
    const blockers: Blocker[] = schema === undefined || lacksData ? [] : refusalsOf(schema, event);
    const isSound = blockers.length === 0;
    const told = new Set<string>();
    for (const { edge, verdict } of transitions) {
      const failing = lacksData
        ? conditionsByName(edge, context, event.type).failing
        : failingConditions(edge, context, event, isSound);
      if (failing.length === 0 && isSound) return verdict;
      for (const condition of failing) {
        const reason = JSON.stringify([condition.key, edge.to]);
        if (!told.has(reason)) blockers.push(blockerOf(condition, edge, event, context));
        told.add(reason);
      }
    }
    return blockers;
  }

  function blockerOf(condition: Condition, { to }: Edge, event: EventObject, context: unknown) {
    const { name } = condition;
    const params = paramsOf(condition, context, event);
    const details = params === undefined ? '' : describeParams(params);
    const message = messageOf(guardMessages, name, { params, context, event });
    return guardFailed({ guard: name, params, to }, message, details);
  }

  function missingTransition(state: string, event: string): Blocker[] {
    const row = table.get(state);
    const isKnown = events.includes(event);
    return [
      ...(row === undefined ? [unknownState(state, states, nameHelp)] : []),
      ...(isKnown ? [] : [unknownEvent(event, events, nameHelp)]),
      ...(row !== undefined && isKnown ? [noSuchTransition(state, event, [...row.keys()])] : []),
    ];
  }

  function everFrom(state: string, event: string): 'later' | 'never' {
    const later = [...reachableFrom(state, machine.edges)];
    return later.some((other) => table.get(other)?.has(event)) ? 'later' : 'never';
  }

  /**
   * The transitions that are open now, or will be once their event carries its data.
   *
   * @param blocked - the event that was asked about, if any. Another one can't be decided by its
   * name alone where it carries something, and a guard that throws for want of it must not spoil
   * the answer
   */
  function enabled(
    state: string,
    context: unknown,
    blocked?: string,
  ): readonly AllowedTransition[] {
    const named = [...(table.get(state)?.keys() ?? [])];
    return (
      alwaysEnabled.get(state) ??
      named.flatMap((event) => {
        if (event === blocked) return [];
        try {
          return stepsBy(state, event, context).slice(0, 1);
        } catch (error) {
          if (blocked === undefined) throw error;
          return [];
        }
      })
    );
  }

  /**
   * The transitions that an event can make, with what a caller has for it to carry. An event of which
   * only the name is known is not an event that carries nothing.
   */
  function stepsBy(
    state: string,
    event: string,
    context: unknown,
    carried: Payloads = {},
  ): readonly AllowedTransition[] {
    const cell = table.get(state)?.get(event);
    if (cell === undefined) return [];
    const payload = payloadIn(carried, event);
    const needs = payload === undefined ? needsIn(cell) : undefined;
    if (needs === undefined) {
      const found = find(state, { ...payload, type: event }, context);
      return found === undefined ? [] : [found];
    }
    const steps = new Map<string, AllowedTransition>();
    for (const { edge, verdict } of cell.transitions) {
      const { failing, isUndecided } = conditionsByName(edge, context ?? initialContext, event);
      if (failing.length > 0) continue;
      if (!steps.has(edge.to)) steps.set(edge.to, verdict);
      if (!isUndecided) break;
    }
    const targets = steps.size > 1 ? { targets: Object.freeze([...steps.keys()]) } : {};
    return [...steps.values()].map((step) => Object.freeze({ ...step, needs, ...targets }));
  }
}

/** What an event carries, where a caller has something for it. */
export const payloadIn = (payloads: Payloads, event: string): object | undefined =>
  Object.hasOwn(payloads, event) ? payloads[event] : undefined;

const needsIn = (cell: Cell | undefined) => cell?.schema && needsOf(cell.schema, cell.event);

/** What a guard was asked with. It was asked already, so this can't fail but by a whim. */
function paramsOf(asked: Pick<Condition, 'params'>, context: unknown, event: EventObject): unknown {
  try {
    return paramsFor(asked, context, event);
  } catch {
    return undefined;
  }
}

const typeOf = (event: string | EventObject): string =>
  typeof event === 'object' && event !== null ? event.type : event;

const objectOf = (event: string | EventObject): EventObject =>
  typeof event === 'string' ? { type: event } : event;
