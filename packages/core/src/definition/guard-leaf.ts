import type { EventObject } from 'xstate';
import { LifecycleDefinitionError } from '../errors.ts';
import { isRecord, isThenable } from '../values.ts';

/** A guard's implementation. */
export type Test = (args: { context: unknown; event: EventObject }, params: unknown) => unknown;

/** A guard as a transition names it. */
export interface GuardReference {
  readonly type: string;
  readonly params?: unknown;
}

/** A single guard, not made of others. */
export interface Leaf {
  /** Its name and what it is asked with. */
  readonly key: string;
  readonly holds: (context: unknown, event: EventObject) => boolean;
}

/** Prepares the guards of one machine, in which params that are computed are told apart. */
export function createLeaf() {
  const computed = new Map<unknown, number>();

  return ({ type, params }: GuardReference, test: Test): Leaf => ({
    key: params === undefined ? type : JSON.stringify([type, textOf(params)]),
    holds(context, event) {
      const args = { context, event };
      let answer: unknown;
      try {
        answer = test(args, typeof params === 'function' ? params(args) : params);
      } catch (cause) {
        throw brokenGuard(type, 'threw. A guard answers true or false', cause);
      }
      if (isThenable(answer)) {
        // Nobody will wait for it; its rejection must not end the process.
        Promise.resolve(answer).catch(() => {});
        throw brokenGuard(type, 'returned a Promise, which XState takes for true');
      }
      return Boolean(answer);
    },
  });

  function textOf(params: unknown): string {
    try {
      const text = JSON.stringify(params, (_, value: unknown) =>
        isRecord(value)
          ? Object.keys(value)
              .sort()
              .map((key) => [key, value[key]])
          : value,
      );
      if (text !== undefined) return text;
    } catch {
      // What is no JSON is told apart by identity, as a function is.
    }
    const index = computed.get(params) ?? computed.size;
    computed.set(params, index);
    return `computed ${index}`;
  }
}

function brokenGuard(name: string, what: string, cause?: unknown): LifecycleDefinitionError {
  const message = `The guard "${name}" ${what}.`;
  return new LifecycleDefinitionError([{ code: 'broken-guard', path: `guards.${name}`, message }], {
    cause,
  });
}
