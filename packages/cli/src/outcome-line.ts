import type { Outcome, SeriesError } from '@ticket-lifecycle/series';
import type { LineResult } from './apply-rows.ts';

/** A result as plain data, an object for each line of JSON. */
export function toPlain(result: LineResult): readonly object[] {
  const { line } = result;
  return 'fault' in result
    ? [{ type: 'outcome', line, kind: 'unreadable', reason: result.fault }]
    : result.outcomes.map((outcome) => plainOutcome(line, outcome));
}

function plainOutcome(line: number, outcome: Outcome): object {
  const { ticketId, kind, from, to, event, attempts, waitedMs, raceWindowMs } = outcome;
  const base = { type: 'outcome', line, ticketId, kind, from, to, event, attempts };
  const times = { waitedMs: round(waitedMs), raceWindowMs: round(raceWindowMs) };
  return { ...base, ...times, ...detailsOf(outcome) };
}

const round = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms));

function detailsOf(outcome: Outcome): object {
  switch (outcome.kind) {
    case 'confirmed':
      return { status: outcome.status, by: outcome.by };
    case 'unchanged':
      return { status: outcome.status };
    case 'blocked':
      return { blockers: outcome.blockers, enabled: outcome.enabled.map(({ event }) => event) };
    case 'refused':
    case 'not-sent':
      return { error: flatten(outcome.error) };
    case 'unknown':
      return { error: flatten(outcome.error), observed: outcome.observed };
  }
}

/** An error, reduced to what a program decides by. */
function flatten(error: SeriesError): object {
  const { name, message } = error;
  // By what they carry, not by class: which of them there are depends on the error.
  const { code, reason, status } = error as Partial<Record<'code' | 'reason' | 'status', unknown>>;
  return { name, code, reason, status, message };
}
