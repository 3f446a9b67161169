import * as fc from 'fast-check';
import { and, not, or } from 'xstate';

export const guardNames = ['g0', 'g1', 'g2'] as const;
export type Flags = Record<(typeof guardNames)[number], boolean>;

/** A guard as data, so that what it means is known without asking XState or the lifecycle. */
export type Guard =
  | { readonly kind: 'name'; readonly name: (typeof guardNames)[number] }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Guard[] }
  | { readonly kind: 'not'; readonly part: Guard };

export const { guard: anyGuard } = fc.letrec<{ guard: Guard }>((tie) => ({
  guard: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(...guardNames).map((name): Guard => ({ kind: 'name', name })),
    fc
      .array(tie('guard'), { minLength: 1, maxLength: 3 })
      .map((parts): Guard => ({ kind: 'and', parts })),
    fc.array(tie('guard'), { maxLength: 3 }).map((parts): Guard => ({ kind: 'or', parts })),
    tie('guard').map((part): Guard => ({ kind: 'not', part })),
  ),
}));

/** The same guard as XState takes it. */
export function toXState(guard: Guard): unknown {
  if (guard.kind === 'name') return guard.name;
  if (guard.kind === 'not') return not(toXState(guard.part) as never);
  const parts = guard.parts.map(toXState) as never;
  return guard.kind === 'and' ? and(parts) : or(parts);
}

/** What must hold, each part of an `and` apart. */
export function conditionsOf(guard: Guard | undefined): Guard[] {
  if (guard === undefined) return [];
  return guard.kind === 'and' ? guard.parts.flatMap(conditionsOf) : [guard];
}

export function holds(guard: Guard, flags: Flags): boolean {
  if (guard.kind === 'name') return flags[guard.name];
  if (guard.kind === 'not') return !holds(guard.part, flags);
  const answers = guard.parts.map((part) => holds(part, flags));
  return guard.kind === 'and' ? !answers.includes(false) : answers.includes(true);
}

/** The name by which a blocker speaks of a condition. */
export function nameOf(guard: Guard): string {
  if (guard.kind === 'name') return guard.name;
  if (guard.kind === 'not') return `not(${nameOfAll(conditionsOf(guard.part))})`;
  return `${guard.kind}(${guard.parts.map((part) => nameOfAll(conditionsOf(part))).join(', ')})`;
}

const nameOfAll = (conditions: readonly Guard[]): string =>
  conditions.length === 1 && conditions[0] !== undefined
    ? nameOf(conditions[0])
    : `and(${conditions.map(nameOf).join(', ')})`;

const allFlags: readonly Flags[] = [0, 1, 2, 3, 4, 5, 6, 7].map((row) => ({
  g0: row % 2 === 1,
  g1: row % 4 > 1,
  g2: row > 3,
}));

/** Whether some answers open a guard and none of those before it. */
export const canWin = (guard: Guard | undefined, before: readonly (Guard | undefined)[]): boolean =>
  allFlags.some((flags) => {
    const isOpen = (one: Guard | undefined) => one === undefined || holds(one, flags);
    return isOpen(guard) && !before.some(isOpen);
  });

/** The same text for guards that differ in the order of their parts only. */
export function keyOf(guard: Guard): string {
  if (guard.kind === 'name') return guard.name;
  if (guard.kind === 'not') return `!${keyOfAll(conditionsOf(guard.part))}`;
  return `|${guard.parts
    .map((part) => keyOfAll(conditionsOf(part)))
    .sort()
    .join()}|`;
}

const keyOfAll = (conditions: readonly Guard[]) => `(${conditions.map(keyOf).sort().join()})`;
