import type { Outcome } from '@ticket-lifecycle/series';
import type { LineResult } from './apply-rows.ts';

/** Outcomes of one kind that have the same reason. */
export interface Reason {
  readonly kind: Outcome['kind'];
  readonly reason: string;
  readonly count: number;
  /** The first few lines. */
  readonly lines: readonly number[];
}

/** What became of the lines of a run. */
export interface TallySummary {
  /** Lines that are done with, the unreadable ones included. */
  readonly lines: number;
  /** A line that takes several steps has an outcome for each. */
  readonly outcomes: Readonly<Record<Outcome['kind'], number>>;
  /** The most frequent first. */
  readonly reasons: readonly Reason[];
  readonly unreadable: number;
  /** The first few lines that could not be read. */
  readonly unreadableLines: readonly { readonly line: number; readonly fault: string }[];
  /** Refusals that concern the key or the workspace, and so every other change as well. */
  readonly keyRefused: number;
  /** Changes that `--plan` would have walked. */
  readonly needPlan: number;
}

// A summary is read by a person: beyond these, `--json` has every line.
const mostReasons = 1000;
const mostLines = 5;
const mostUnreadable = 20;

/** Counts results as they come, in memory that does not grow with them. */
export function createTally() {
  const outcomes = {
    confirmed: 0,
    unchanged: 0,
    blocked: 0,
    refused: 0,
    'not-sent': 0,
    unknown: 0,
  };
  const reasons = new Map<string, Reason & { lines: number[]; count: number }>();
  const unreadableLines: { line: number; fault: string }[] = [];
  let lines = 0;
  let unreadable = 0;
  let keyRefused = 0;
  let needPlan = 0;

  return {
    add(result: LineResult): void {
      lines += 1;
      if ('fault' in result) {
        unreadable += 1;
        if (unreadableLines.length < mostUnreadable) unreadableLines.push(result);
        return;
      }
      for (const outcome of result.outcomes) {
        outcomes[outcome.kind] += 1;
        if (isKeyRefused(outcome)) keyRefused += 1;
        if (result.change.to !== undefined && isMissingStep(outcome)) needPlan += 1;
        const reason = reasonOf(outcome);
        if (reason !== undefined) note(outcome.kind, reason, result.line);
      }
    },
    summary(): TallySummary {
      const sorted = [...reasons.values()].sort((a, b) => b.count - a.count);
      // Results come as they are ready; people read a file from its top.
      for (const reason of sorted) reason.lines.sort((a, b) => a - b);
      unreadableLines.sort((a, b) => a.line - b.line);
      return {
        lines,
        outcomes,
        reasons: sorted,
        unreadable,
        unreadableLines,
        keyRefused,
        needPlan,
      };
    },
  };

  function note(kind: Outcome['kind'], reason: string, line: number): void {
    const shown = reasons.size < mostReasons ? reason : 'other reasons';
    const known = reasons.get(`${kind} ${reason}`) ?? { kind, reason: shown, count: 0, lines: [] };
    known.count += 1;
    if (known.lines.length < mostLines) known.lines.push(line);
    reasons.set(`${kind} ${known.reason}`, known);
  }
}

const keyRefusals = ['unauthorized', 'subscription-required', 'module-disabled'];

/** Whether the API refuses the key or the workspace, and with it everything that follows. */
export function stopsAll(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && keyRefusals.includes(outcome.error.code);
}

const isKeyRefused = (outcome: Outcome) =>
  outcome.kind === 'refused' && [401, 403].includes(outcome.error.status);

const isMissingStep = (outcome: Outcome) =>
  outcome.kind === 'blocked' && outcome.blockers.every(({ code }) => code === 'no-such-transition');

/** Why a change did not arrive, without its ticket, so that equal reasons are equal texts. */
function reasonOf(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'confirmed':
    case 'unchanged':
      return undefined;
    case 'blocked': {
      const messages = outcome.blockers.map(({ message }) => message);
      return messages.join(' ').replaceAll(outcome.ticketId, '<ticket>');
    }
    case 'refused':
      return `${outcome.error.status} ${outcome.error.serverMessage ?? outcome.error.code}`;
    case 'not-sent':
    case 'unknown':
      return outcome.error.message.replaceAll(outcome.ticketId, '<ticket>');
  }
}
