import { and, not, or, stateIn, type AnyStateMachine, type EventObject } from 'xstate';
import { LifecycleDefinitionError } from './errors.ts';

type Test = (args: { context: unknown; event: EventObject }, params: unknown) => unknown;

interface GuardReference {
  readonly type: string;
  readonly params?: unknown;
}

/** A guard taken apart: `and` becomes several conditions, `or` and `not` stay one each. */
export interface Condition {
  readonly name: string;
  readonly holds: (context: unknown, event: EventObject) => boolean;
}

// XState marks its combinators by the function that evaluates them. Function names would do in
// Node, but a bundler may rename them.
const evaluatorOf = (guard: unknown): unknown => (guard as { check?: unknown }).check;
const isAnd = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(and([]));
const isOr = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(or([]));
const isNot = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(not(() => true));
const isStateIn = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(stateIn(''));
const partsOf = (guard: unknown): readonly unknown[] => (guard as { guards: unknown[] }).guards;

/** Says why a guard can't be used, by a code of `DefinitionFault` and a message. */
export type ReportGuardFault = (code: string, message: string) => void;

/**
 * Takes a transition's guard apart into the conditions that must all hold.
 *
 * Reports guards that have no name (nobody could explain them), no implementation, or an async
 * one, and goes on, so that all faults of a machine come at once.
 */
export function conditionsOf(
  guard: unknown,
  machine: AnyStateMachine,
  report: ReportGuardFault,
  inside: readonly string[] = [],
): Condition[] {
  if (guard === undefined) return [];
  if (typeof guard === 'function') {
    if (isAnd(guard)) {
      return partsOf(guard).flatMap((part) => conditionsOf(part, machine, report, inside));
    }
    if (isOr(guard)) return [anyOf(partsOf(guard), machine, report, inside)];
    if (isNot(guard)) return [noneOf(partsOf(guard)[0], machine, report, inside)];
    if (isStateIn(guard)) {
      report('unsupported-guard', 'stateIn() says nothing in a flat machine. Drop it.');
      return [];
    }
    report(
      'unnamed-guard',
      'An inline guard has no name to explain it by. Give it one in setup({ guards }).',
    );
    return [];
  }

  const reference: GuardReference =
    typeof guard === 'string' ? { type: guard } : (guard as GuardReference);
  if (inside.includes(reference.type)) {
    report('circular-guard', `The guard "${reference.type}" is defined by itself.`);
    return [];
  }
  const implementation: unknown = Object.hasOwn(machine.implementations.guards, reference.type)
    ? machine.implementations.guards[reference.type]
    : undefined;
  if (implementation === undefined) {
    report(
      'missing-guard',
      `The guard "${reference.type}" has no implementation. Add it to setup({ guards }) or machine.provide({ guards }).`,
    );
    return [];
  }
  if (typeof implementation !== 'function' || evaluatorOf(implementation) !== undefined) {
    const conditions = conditionsOf(implementation, machine, report, [...inside, reference.type]);
    // An `or` or `not` that has a name of its own is explained by that name.
    return isOr(implementation) || isNot(implementation)
      ? conditions.map((condition) => ({ ...condition, name: reference.type }))
      : conditions;
  }
  if (implementation.constructor.name === 'AsyncFunction') {
    report(
      'async-guard',
      `The guard "${reference.type}" is async, and a Promise counts as true. Fetch what it needs first and pass it as context.`,
    );
    return [];
  }
  return [leaf(reference, implementation as Test)];
}

function leaf({ type, params }: GuardReference, test: Test): Condition {
  return {
    name: type,
    holds(context, event) {
      const args = { context, event };
      let answer: unknown;
      try {
        answer = test(args, typeof params === 'function' ? params(args) : params);
      } catch (cause) {
        throw brokenGuard(type, 'threw. A guard answers true or false', cause);
      }
      if (typeof (answer as { then?: unknown } | null | undefined)?.then === 'function') {
        // Nobody will wait for it; its rejection must not end the process.
        Promise.resolve(answer).catch(() => {});
        throw brokenGuard(type, 'returned a Promise, which XState takes for true');
      }
      return Boolean(answer);
    },
  };
}

function brokenGuard(name: string, what: string, cause?: unknown): LifecycleDefinitionError {
  const message = `The guard "${name}" ${what}.`;
  return new LifecycleDefinitionError([{ code: 'broken-guard', path: `guards.${name}`, message }], {
    cause,
  });
}

function anyOf(
  parts: readonly unknown[],
  machine: AnyStateMachine,
  report: ReportGuardFault,
  inside: readonly string[],
): Condition {
  const ways = parts.map((part) => conditionsOf(part, machine, report, inside));
  return {
    name: `or(${ways.map(nameOfAll).join(', ')})`,
    holds: (context, event) => ways.some((way) => way.every((part) => part.holds(context, event))),
  };
}

function noneOf(
  part: unknown,
  machine: AnyStateMachine,
  report: ReportGuardFault,
  inside: readonly string[],
): Condition {
  const conditions = conditionsOf(part, machine, report, inside);
  return {
    name: `not(${nameOfAll(conditions)})`,
    holds: (context, event) => !conditions.every((condition) => condition.holds(context, event)),
  };
}

const nameOfAll = (conditions: readonly Condition[]): string =>
  conditions.length === 1 && conditions[0] !== undefined
    ? conditions[0].name
    : `and(${conditions.map((condition) => condition.name).join(', ')})`;

/** Asks every condition of an edge, also after the first that fails. */
export function failingConditions(
  edge: { readonly conditions: readonly Condition[] },
  context: unknown,
  event: EventObject,
): Condition[] {
  return edge.conditions.filter((condition) => !condition.holds(context, event));
}
