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
    // A guard needs more than an event's name. The answer about an event that is not there lists
    // the others that are open, each asked alone.
    if (!LifecycleDefinitionError.is(error)) throw error;
    const verdict = lifecycle.explain(state, '', context);
    return verdict.allowed ? [] : verdict.enabled;
  }
}
