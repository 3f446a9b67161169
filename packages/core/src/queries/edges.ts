import type { Edge, Meta } from '../definition/compile.ts';
import type { Condition } from '../definition/guards.ts';
import type { GuardMessages } from '../definition/lifecycle-options.ts';

/** A guard of an edge: `and([...])` is taken apart, so each condition is one of its own. */
export interface EdgeGuard {
  readonly name: string;
  /** What it is asked with: a function where that is computed. */
  readonly params?: unknown;
  /** Its name with what it is asked with, for people. */
  readonly label: string;
  /** What people are told when it does not hold, where `guardMessages` has a text. */
  readonly message: string | undefined;
}

const conditions = new WeakMap<EdgeGuard, Condition>();

/** What a guard of an edge was made of: more than an edge shows where it combines others. */
export const conditionOf = (guard: EdgeGuard): Condition | undefined => conditions.get(guard);

/** A transition by an event from one state to another, as the definition draws it: guards not asked. */
export interface LifecycleEdge<State extends string = string, Event extends string = string> {
  readonly from: State;
  readonly to: State;
  readonly event: Event;
  /** All of them must hold. Of several edges of one event, the first that is open is taken. */
  readonly guards: readonly EdgeGuard[];
  /** What the transition's `meta` holds. */
  readonly meta?: Meta;
  readonly description?: string;
}

/** Shows the edges of a machine as data that nobody can change. */
export function describeEdges(
  edges: readonly Edge[],
  guardMessages: GuardMessages = {},
): readonly LifecycleEdge[] {
  const describe = (condition: Condition): EdgeGuard => {
    const { name, label, params } = condition;
    const message = Object.hasOwn(guardMessages, name) ? guardMessages[name] : undefined;
    const guard = Object.freeze({
      name,
      label,
      ...(params === undefined ? {} : { params }),
      message: typeof message === 'string' ? message : undefined,
    });
    conditions.set(guard, condition);
    return guard;
  };
  return Object.freeze(
    edges.map(({ from, to, event, conditions: all, meta, description }) =>
      Object.freeze({
        from,
        to,
        event,
        guards: Object.freeze(all.map(describe)),
        ...(meta === undefined ? {} : { meta }),
        ...(description === undefined ? {} : { description }),
      }),
    ),
  );
}
