import { messages, type Verdict } from '@ticket-lifecycle/core';

/**
 * The messages of core about events of one state, as they stand beside a list of what is possible
 * there: an event that is blocked itself is not called possible, and the state has the label that the
 * picture shows.
 */
export function toldBeside(
  verdicts: readonly Verdict[],
  label: string,
): readonly (readonly string[])[] {
  const open = verdicts.flatMap((verdict) => (verdict.allowed ? [verdict.event] : []));
  return verdicts.map((verdict) => {
    if (verdict.allowed) return [];
    return verdict.blockers.map(({ code, parameters, message }) => {
      if (code !== 'no-such-transition') return message;
      const named = parameters.possible ?? [];
      const left = named.filter((event) => open.includes(event));
      return named.length > 0 && left.length === 0
        ? `${verdict.event} is not possible in ${label}, where every event is blocked.`
        : messages[code]({ ...parameters, state: label, possible: left });
    });
  });
}
