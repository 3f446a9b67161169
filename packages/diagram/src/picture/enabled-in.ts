import {
  LifecycleDefinitionError,
  type AllowedTransition,
  type Lifecycle,
} from '@ticket-lifecycle/core';

/** What is possible, by names alone: an event that has to carry data is open once it does. */
export function enabledIn(
  lifecycle: Lifecycle,
  state: string,
  context: unknown,
): readonly AllowedTransition[] {
  try {
    return lifecycle.enabled(state, context);
  } catch (error) {
    // A guard needs more than an event's name: each event is asked alone then.
    if (!LifecycleDefinitionError.is(error)) throw error;
    return [];
  }
}
