import type { Edge } from '../definition/compile.ts';

/** A guard of an edge: `and([...])` is taken apart, so each condition is one of its own. */
export interface EdgeGuard {
  readonly name: string;
  /** What people are told when it does not hold, where `guardMessages` says so. */
  readonly message: string | undefined;
}

/** A transition by an event from one state to another, as the definition draws it: guards not asked. */
export interface LifecycleEdge<State extends string = string, Event extends string = string> {
  readonly from: State;
  readonly to: State;
  readonly event: Event;
  /** All of them must hold. Of several edges of one event, the first that is open is taken. */
  readonly guards: readonly EdgeGuard[];
}

/** Shows the edges of a machine as data that nobody can change. */
export function describeEdges(
  edges: readonly Edge[],
  guardMessages: Readonly<Record<string, string>> = {},
): readonly LifecycleEdge[] {
  const describe = ({ name }: { readonly name: string }): EdgeGuard => {
    const message = Object.hasOwn(guardMessages, name) ? guardMessages[name] : undefined;
    return Object.freeze({ name, message });
  };
  return Object.freeze(
    edges.map(({ from, to, event, conditions }) =>
      Object.freeze({ from, to, event, guards: Object.freeze(conditions.map(describe)) }),
    ),
  );
}
