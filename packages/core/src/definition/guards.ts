import type { AnyStateMachine, EventObject } from 'xstate';
import { createLeaf, type GuardReference, type Leaf, type Test } from './guard-leaf.ts';
import type { FaultCode, FaultFacts, Sentences } from './fault-sentences.ts';
import { describeParams, frozenCopy } from './guard-params.ts';
import { implementationOf, isRecord, mismatch } from '../values.ts';

/** A guard taken apart: `and` becomes several conditions, `or` and `not` stay one each. */
export interface Condition {
  readonly name: string;
  /** Its name with what it is asked with, for people. */
  readonly label: string;
  /** What a single guard is asked with, as defined. */
  readonly params?: unknown;
  /** The same for conditions that ask the same of the same guards, whatever they are called. */
  readonly key: string;
  /** That key, with another name for each guard in it. */
  readonly keyBy: (keyOf: KeyOf) => string;
  readonly leaves: readonly Leaf[];
  /** Whether it holds, by what `ask` says of each guard in it. */
  readonly test: (ask: (leaf: Leaf) => boolean) => boolean;
}

/** Names a single guard; the same for two that always answer the same. */
export type KeyOf = (leaf: Leaf) => string;

type Combination = 'and' | 'or' | 'not' | 'stateIn' | 'other';

const isCombined = (guard: unknown): boolean => typeof guard === 'function' && 'check' in guard;
const partsOf = (guard: unknown) => (guard as { guards: readonly unknown[] }).guards;

/**
 * Tells how a guard combines others. XState marks it by the function that evaluates it. That
 * function is another one in each copy of xstate and has another name in each bundle, so it is
 * tried out on guards that are known.
 */
function combinationOf(guard: unknown): Combination | undefined {
  if (!isCombined(guard)) return undefined;
  const { check } = guard as { check: (...args: unknown[]) => unknown };
  if ('stateValue' in (guard as object)) return 'stateIn';
  const answer = (...guards: (() => boolean)[]) => check({}, {}, { guards });
  const [yes, no] = [() => true, () => false];
  try {
    if (answer(yes) === false) return 'not';
    return answer(yes, no) === false ? 'and' : 'or';
  } catch {
    return 'other';
  }
}

/** Says why a guard can't be used. */
export type ReportGuardFault = <Code extends FaultCode>(...fault: GuardFault<Code>) => void;
type GuardFault<Code extends FaultCode> = [
  code: Code,
  ...facts: FaultFacts<Code> extends undefined ? [] : [FaultFacts<Code>],
];

/** Takes a transition's guard apart into the conditions that must all hold. */
export type GuardReader = (guard: unknown, report: ReportGuardFault) => Condition[];

/**
 * Prepares reading the guards of a machine.
 *
 * Reports guards that have no name (nobody could explain them), no implementation, or an async
 * one, and goes on, so that all faults of a machine come at once.
 */
export function createGuardReader(
  machine: AnyStateMachine,
  sentences: Sentences | undefined,
): GuardReader {
  const leafOf = createLeaf(sentences);
  return (guard, report) => read(guard, report, []);

  function read(guard: unknown, report: ReportGuardFault, inside: readonly string[]): Condition[] {
    if (guard === undefined) return [];
    const refuse = <Code extends FaultCode>(...fault: GuardFault<Code>): Condition[] => {
      report(...fault);
      return [];
    };
    if (typeof guard === 'function') {
      const parts = () => partsOf(guard).map((part) => read(part, report, inside));
      const combination = combinationOf(guard);
      switch (combination) {
        case 'and':
          return parts().flat();
        case 'or':
          return [anyOf(parts())];
        case 'not':
          return [noneOf(parts().flat())];
        case undefined:
          return refuse('unnamed-guard');
        default:
          return refuse('unsupported-guard', { guard: combination });
      }
    }

    const reference = typeof guard === 'string' ? { type: guard } : guard;
    if (!isReference(reference)) {
      return refuse('wrong-type', mismatch('guard', guard));
    }
    const { type } = reference;
    if (inside.includes(type)) {
      return refuse('circular-guard', { guard: type });
    }
    const implementation = implementationOf(machine.implementations.guards, type);
    if (implementation === undefined) {
      return refuse('missing-guard', { guard: type });
    }
    if (typeof implementation !== 'function' || isCombined(implementation)) {
      const conditions = read(implementation, report, [...inside, type]);
      // An `or` or `not` that has a name of its own is explained by that name.
      return ['or', 'not'].includes(combinationOf(implementation) ?? '')
        ? conditions.map((condition) => ({ ...condition, name: type, label: type }))
        : conditions;
    }
    if (implementation.constructor.name === 'AsyncFunction') {
      return refuse('async-guard', { guard: type });
    }
    const params = frozenCopy(reference.params);
    const leaf = leafOf({ type, params }, implementation as Test);
    const label = params === undefined ? type : `${type}(${describeParams(params)})`;
    const keyBy = (keyOf: KeyOf) => keyOf(leaf);
    const { key } = leaf;
    return [{ name: type, label, params, key, keyBy, leaves: [leaf], test: (ask) => ask(leaf) }];
  }
}

const isReference = (guard: unknown): guard is GuardReference =>
  isRecord(guard) && typeof guard['type'] === 'string';

const anyOf = (choices: readonly (readonly Condition[])[]): Condition => ({
  ...named(`or(${choices.map(labelOfAll).join(', ')})`),
  ...keyed(
    (keyOf) =>
      `or(${choices
        .map((choice) => keyOfAll(choice, keyOf))
        .sort()
        .join()})`,
  ),
  leaves: choices.flat().flatMap(({ leaves }) => leaves),
  test: (ask) => choices.some((choice) => choice.every((part) => part.test(ask))),
});

const noneOf = (conditions: readonly Condition[]): Condition => ({
  ...named(`not(${labelOfAll(conditions)})`),
  ...keyed((keyOf) => `not(${keyOfAll(conditions, keyOf)})`),
  leaves: conditions.flatMap(({ leaves }) => leaves),
  test: (ask) => !conditions.every((condition) => condition.test(ask)),
});

const named = (name: string) => ({ name, label: name });

const keyed = (keyBy: Condition['keyBy']) => ({ key: keyBy(({ key }) => key), keyBy });

const labelOfAll = (conditions: readonly Condition[]): string => {
  const labels = conditions.map(({ label }) => label).join(', ');
  return conditions.length === 1 ? labels : `and(${labels})`;
};

const keyOfAll = (conditions: readonly Condition[], keyOf: KeyOf): string =>
  `and(${conditions
    .map(({ keyBy }) => keyBy(keyOf))
    .sort()
    .join()})`;

/** An edge as far as its guards decide about it. */
interface Guarded {
  readonly from: string;
  readonly conditions: readonly Condition[];
}

/** Whether all conditions of an edge hold. As in XState, the first that fails is the last asked. */
export const isOpen = (
  { from, conditions }: Guarded,
  context: unknown,
  event: EventObject,
): boolean => conditions.every(({ test }) => test((leaf) => leaf.holds(context, event, from)));

/**
 * The conditions of an edge that fail, also those after the first. XState would not have asked
 * them, so one of them that throws is left out instead of breaking the answer.
 *
 * @param isSound - whether the event carries what it should; a guard may throw where it does not
 */
export function failingConditions(
  { from, conditions }: Guarded,
  context: unknown,
  event: EventObject,
  isSound: boolean,
): Condition[] {
  const failing: Condition[] = [];
  for (const condition of conditions) {
    try {
      const holds = condition.test((leaf) => leaf.holds(context, event, from));
      if (!holds) failing.push(condition);
    } catch (error) {
      if (isSound && failing.length === 0) throw error;
    }
  }
  return failing;
}

function isAnswered(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

/**
 * What the guards of an edge say before its event carries data: the conditions that fail whatever it
 * will carry, and whether others wait for that. A guard that asks for data which is not there yet
 * decides nothing.
 */
export function conditionsByName(
  { from, conditions }: Guarded,
  context: unknown,
  type: string,
): { readonly failing: readonly Condition[]; readonly isUndecided: boolean } {
  let asksForData = false;
  // Whatever way a guard asks, the second argument of the trap is the field, if it is one.
  const note =
    (_: object, way: keyof typeof Reflect) =>
    (...asked: [object, unknown]) => {
      asksForData ||= asked[1] !== 'type';
      return (Reflect[way] as (...asked: unknown[]) => unknown)(...asked);
    };
  const event = new Proxy<EventObject>({ type }, new Proxy({}, { get: note }));
  const failing: Condition[] = [];
  let isUndecided = false;
  for (const condition of conditions) {
    asksForData = false;
    const holdsFor = (asked: EventObject) =>
      condition.test((leaf) => leaf.holds(context, asked, from));
    try {
      if (!holdsFor(event) && !asksForData) failing.push(condition);
    } catch (error) {
      // One that copies the event can't read what watches it, and asks for all of it.
      const isCopied = !asksForData && isAnswered(() => holdsFor({ type }));
      // Behind a guard that fails or is undecided it may never be asked.
      const mayBeAsked = failing.length === 0 && !isUndecided;
      if (!isCopied && !asksForData && mayBeAsked) throw error;
      asksForData ||= isCopied;
    }
    isUndecided ||= asksForData;
  }
  return { failing, isUndecided };
}
