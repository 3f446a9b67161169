import { and, not, or, stateIn, type AnyStateMachine, type EventObject } from 'xstate';
import { createLeaf, type GuardReference, type Leaf, type Test } from './guard-leaf.ts';

/** A guard taken apart: `and` becomes several conditions, `or` and `not` stay one each. */
export interface Condition {
  readonly name: string;
  /** The same for conditions that ask the same of the same guards, whatever they are called. */
  readonly key: string;
  readonly leaves: readonly Leaf[];
  /** Whether it holds, by what `ask` says of each guard in it. */
  readonly test: (ask: (leaf: Leaf) => boolean) => boolean;
}

// XState marks its combinators by the function that evaluates them. Function names would do in
// Node, but a bundler may rename them.
const evaluatorOf = (guard: unknown): unknown => (guard as { check?: unknown }).check;
const isAnd = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(and([]));
const isOr = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(or([]));
const isNot = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(not(''));
const isStateIn = (guard: unknown) => evaluatorOf(guard) === evaluatorOf(stateIn(''));
const partsOf = (guard: unknown): readonly unknown[] => (guard as { guards: unknown[] }).guards;

/** Says why a guard can't be used, by a code of `DefinitionFault` and a message. */
export type ReportGuardFault = (code: string, message: string) => void;

/** Takes a transition's guard apart into the conditions that must all hold. */
export type GuardReader = (guard: unknown, report: ReportGuardFault) => Condition[];

/**
 * Prepares reading the guards of a machine.
 *
 * Reports guards that have no name (nobody could explain them), no implementation, or an async
 * one, and goes on, so that all faults of a machine come at once.
 */
export function createGuardReader(machine: AnyStateMachine): GuardReader {
  const leafOf = createLeaf();
  return (guard, report) => read(guard, report, []);

  function read(guard: unknown, report: ReportGuardFault, inside: readonly string[]): Condition[] {
    if (guard === undefined) return [];
    const refuse = (code: string, message: string): Condition[] => {
      report(code, message);
      return [];
    };
    if (typeof guard === 'function') {
      const parts = () => partsOf(guard).map((part) => read(part, report, inside));
      if (isAnd(guard)) return parts().flat();
      if (isOr(guard)) return [anyOf(parts())];
      if (isNot(guard)) return [noneOf(parts().flat())];
      return isStateIn(guard)
        ? refuse('unsupported-guard', 'stateIn() says nothing in a flat machine. Drop it.')
        : refuse(
            'unnamed-guard',
            'An inline guard has no name to explain it by. Give it one in setup({ guards }).',
          );
    }

    const reference: GuardReference =
      typeof guard === 'string' ? { type: guard } : (guard as GuardReference);
    const { type } = reference;
    if (inside.includes(type)) {
      return refuse('circular-guard', `The guard "${type}" is defined by itself.`);
    }
    const { guards } = machine.implementations;
    const implementation: unknown = Object.hasOwn(guards, type) ? guards[type] : undefined;
    if (implementation === undefined) {
      return refuse(
        'missing-guard',
        `The guard "${type}" has no implementation. Add it to setup({ guards }), or to the option guards.`,
      );
    }
    if (typeof implementation !== 'function' || evaluatorOf(implementation) !== undefined) {
      const conditions = read(implementation, report, [...inside, type]);
      // An `or` or `not` that has a name of its own is explained by that name.
      return isOr(implementation) || isNot(implementation)
        ? conditions.map((condition) => ({ ...condition, name: type }))
        : conditions;
    }
    if (implementation.constructor.name === 'AsyncFunction') {
      return refuse(
        'async-guard',
        `The guard "${type}" is async, and a Promise counts as true. Fetch what it needs first and pass it as context.`,
      );
    }
    const leaf = leafOf(reference, implementation as Test);
    return [{ name: type, key: leaf.key, leaves: [leaf], test: (ask) => ask(leaf) }];
  }
}

const anyOf = (choices: readonly (readonly Condition[])[]): Condition => ({
  name: `or(${choices.map(nameOfAll).join(', ')})`,
  key: `or(${choices.map(keyOfAll).sort().join()})`,
  leaves: choices.flat().flatMap(({ leaves }) => leaves),
  test: (ask) => choices.some((choice) => choice.every((part) => part.test(ask))),
});

const noneOf = (conditions: readonly Condition[]): Condition => ({
  name: `not(${nameOfAll(conditions)})`,
  key: `not(${keyOfAll(conditions)})`,
  leaves: conditions.flatMap(({ leaves }) => leaves),
  test: (ask) => !conditions.every((condition) => condition.test(ask)),
});

const nameOfAll = (conditions: readonly Condition[]): string => {
  const names = conditions.map(({ name }) => name).join(', ');
  return conditions.length === 1 ? names : `and(${names})`;
};

const keyOfAll = (conditions: readonly Condition[]): string =>
  `and(${conditions
    .map(({ key }) => key)
    .sort()
    .join()})`;

/**
 * Asks every condition of an edge, also after the first that fails.
 *
 * @param isSound - whether the event carries what it should; a guard may throw where it does not
 */
export function failingConditions(
  edge: { readonly conditions: readonly Condition[] },
  context: unknown,
  event: EventObject,
  isSound: boolean,
): Condition[] {
  return edge.conditions.filter(({ test }) => {
    try {
      return !test((leaf) => leaf.holds(context, event));
    } catch (error) {
      if (isSound) throw error;
      return false;
    }
  });
}
