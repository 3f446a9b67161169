import type { EventObject } from 'xstate';
import { LifecycleDefinitionError } from '../errors.ts';
import { createIdentifier } from './guard-params.ts';
import { isThenable } from '../values.ts';

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
  /** What it is asked with, computed where the definition says how. */
  readonly paramsFor: (context: unknown, event: EventObject) => unknown;
}

/** Prepares the guards of one machine. */
export function createLeaf() {
  const identify = createIdentifier();

  return ({ type, params }: GuardReference, test: Test): Leaf => {
    const paramsFor: Leaf['paramsFor'] = (context, event) =>
      typeof params === 'function' ? params({ context, event }) : params;
    return {
      // No two guards share a key, whatever they are called.
      key:
        params !== undefined
          ? JSON.stringify([type, identify(params)])
          : /^[\w-]+$/.test(type)
            ? type
            : JSON.stringify(type),
      paramsFor,
      holds(context, event) {
        let answer: unknown;
        try {
          answer = test({ context, event }, paramsFor(context, event));
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
    };
  };
}

function brokenGuard(name: string, what: string, cause?: unknown): LifecycleDefinitionError {
  const message = `The guard "${name}" ${what}.`;
  return new LifecycleDefinitionError([{ code: 'broken-guard', path: `guards.${name}`, message }], {
    cause,
  });
}
