import { LifecycleDefinitionError, type Lifecycle, type Verdict } from '@ticket-lifecycle/core';

/**
 * The verdicts on events by their names alone: one that has to carry data is open once it does.
 * Where a guard can't be asked like that, only those on the events that are open.
 */
export function verdictsByName(
  lifecycle: Lifecycle,
  state: string,
  context: unknown,
): readonly Verdict[] {
  try {
    return lifecycle.enabled(state, context, { includeBlocked: true });
  } catch (error) {
    // The answer about an event that is not there lists the others that are open, each asked alone.
    if (!LifecycleDefinitionError.is(error)) throw error;
    const verdict = lifecycle.explain(state, '', context);
    return verdict.allowed ? [] : verdict.enabled;
  }
}
