import type { Verdict } from '@ticket-lifecycle/core';

/**
 * The messages of core about events of one state, as they stand beside a list of what is possible
 * there: an event that is blocked itself is not called possible.
 */
export function toldBeside(verdicts: readonly Verdict[]): readonly (readonly string[])[] {
  const open = verdicts.flatMap((verdict) => (verdict.allowed ? [verdict.event] : []));
  return verdicts.map((verdict) => {
    if (verdict.allowed) return [];
    return verdict.blockers.map(({ code, parameters, message }) => {
      const named = code === 'no-such-transition' ? (parameters.possible ?? []) : [];
      const left = named.filter((event) => open.includes(event));
      if (left.length === named.length) return message;
      return left.length === 0
        ? `${verdict.event} is not possible in ${verdict.from}, where every event is blocked.`
        : message.replace(/Possible events: [^]*$/, () => `Possible events: ${left.join(', ')}.`);
    });
  });
}
