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
  const describe = ({ name, label, params }: Condition): EdgeGuard => {
    const message = Object.hasOwn(guardMessages, name) ? guardMessages[name] : undefined;
    return Object.freeze({
      name,
      label,
      ...(params === undefined ? {} : { params }),
      message: typeof message === 'string' ? message : undefined,
    });
  };
  return Object.freeze(
    edges.map(({ from, to, event, conditions, meta, description }) =>
      Object.freeze({
        from,
        to,
        event,
        guards: Object.freeze(conditions.map(describe)),
        ...(meta === undefined ? {} : { meta }),
        ...(description === undefined ? {} : { description }),
      }),
    ),
  );
}
