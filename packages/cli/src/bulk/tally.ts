import type { Outcome } from '@ticket-lifecycle/series';
import { exitCodes, mostUrgent } from '../exit-code.ts';
import { defaultSettleMs } from '@ticket-lifecycle/internal/settle-time';
import {
  createUnreadableLines,
  keptReason,
  type UnreadableLines,
} from '../rows/unreadable-lines.ts';
import {
  isKeyRefused,
  isRetryable,
  outcomeKinds,
  type LineOutcome,
} from '../journal/line-outcome.ts';

/** Outcomes of one kind that have the same reason. */
export interface Reason {
  readonly kind: Outcome['kind'];
  readonly reason: string;
  readonly count: number;
  /** The first few lines. */
  readonly lines: readonly number[];
  /** Their tickets, where they name one. */
  readonly tickets: readonly string[];
}

/** What became of the lines of a run. */
export interface TallySummary extends UnreadableLines {
  /** Lines that are done with, the unreadable ones included. */
  readonly lines: number;
  /** A line that takes several steps has an outcome for each. */
  readonly outcomes: Readonly<Record<Outcome['kind'], number>>;
  /** The most frequent first. */
  readonly reasons: readonly Reason[];
  /** Refusals that concern the key or the workspace, and so every other change as well. */
  readonly keyRefused: number;
  /** Changes for which `--plan` would have taken several steps. */
  readonly needPlan: number;
  /** Lines that another run takes up again. */
  readonly left: number;
}

// A summary is read by a person: beyond these, `--json` has every line.
const mostReasons = 1000;
const mostLines = 5;
const mostTickets = 20;

/** Counts results as they come, in memory that does not grow with them. */
export type Tally = ReturnType<typeof createTally>;

/** Starts at nothing. */
export function createTally() {
  const zeros = outcomeKinds.map((kind) => [kind, 0] as const);
  const outcomes = Object.fromEntries(zeros) as Record<Outcome['kind'], number>;
  const reasons = new Map<string, Reason & { lines: number[]; tickets: string[]; count: number }>();
  const unreadableLines = createUnreadableLines();
  let lines = 0;
  let keyRefused = 0;
  let needPlan = 0;
  let left = 0;

  return {
    /** Counts what became of a line: an outcome, or one for each of its steps. */
    add(steps: readonly LineOutcome[], { towards = false } = {}): void {
      lines += 1;
      const end = steps.at(-1);
      if (end !== undefined && (isRetryable(end) || end.kind === 'unknown')) left += 1;
      for (const outcome of steps) {
        count(outcome);
        // Of a line that names the status to get to, and not the event.
        if (towards && isMissingStep(outcome)) needPlan += 1;
      }
    },
    summary(): TallySummary {
      const sorted = [...reasons.values()].sort((a, b) => b.count - a.count);
      // Results come as they are ready; people read a file from its top.
      for (const reason of sorted) reason.lines.sort((a, b) => a - b);
      return {
        lines,
        outcomes,
        reasons: sorted,
        ...unreadableLines.summary(),
        keyRefused,
        needPlan,
        left,
      };
    },
  };

  function count(outcome: LineOutcome): void {
    const { kind } = outcome;
    if (kind === 'unreadable') {
      const { line, reason = '', ticketId } = outcome;
      unreadableLines.add({ line, reason, ticketId });
      return;
    }
    outcomes[kind] += 1;
    if (isKeyRefused(outcome)) keyRefused += 1;
    const reason = sharedReasonOf(outcome);
    if (reason !== undefined) note(kind, keptReason(reason), outcome);
  }

  function note(kind: Outcome['kind'], reason: string, { line, ticketId }: LineOutcome): void {
    const isRoom = reasons.size < mostReasons || reasons.has(`${kind} ${reason}`);
    const shown = isRoom ? reason : 'other reasons';
    const known = reasons.get(`${kind} ${shown}`) ?? {
      kind,
      reason: shown,
      count: 0,
      lines: [],
      tickets: [],
    };
    known.count += 1;
    if (known.lines.length < mostLines) known.lines.push(line);
    const isNew = ticketId !== undefined && !known.tickets.includes(ticketId);
    if (isNew && known.tickets.length < mostTickets) known.tickets.push(ticketId);
    reasons.set(`${kind} ${shown}`, known);
  }
}

// The one way in which a change may be made twice: see "What it does not do" in the README.
const sentOnceMore = `sent once more: ${defaultSettleMs / 1000} s after --timeout nothing of the lost request was seen. A server that acts later makes the change twice`;

/** The exit code for the worst that happened in a run: what needs attention first comes first. */
export function exitCodeOf({ outcomes, keyRefused, unreadable }: TallySummary): number {
  const counts = [
    [outcomes.unknown, exitCodes.unknown],
    [keyRefused, exitCodes.auth],
    [outcomes.refused, exitCodes.refused],
    [outcomes['not-sent'], exitCodes.notSent],
    [unreadable, exitCodes.unreadable],
    [outcomes.blocked, exitCodes.blocked],
  ] as const;
  return mostUrgent(counts.flatMap(([times, code]) => (times > 0 ? [code] : [])));
}

const keyRefusals: readonly unknown[] = [
  'unauthorized',
  'subscription-required',
  'module-disabled',
];

/** Whether the API refuses the key or the workspace, and with it everything that follows. */
export function stopsAll({ kind, error }: LineOutcome): boolean {
  return kind === 'refused' && keyRefusals.includes(error?.code);
}

const isMissingStep = ({ kind, blockers = [] }: LineOutcome) =>
  kind === 'blocked' && blockers.every(({ code }) => code === 'no-such-transition');

/** Why a change did not arrive, without its ticket, so that equal reasons are equal texts. */
function sharedReasonOf(outcome: LineOutcome): string | undefined {
  const reason = reasonOf(outcome);
  const { kind, ticketId } = outcome;
  // Other reasons name no ticket, or are in the server's words.
  const isOurs = kind === 'blocked' || kind === 'not-sent' || kind === 'unknown';
  // As a whole word: the id 1 is no part of an address.
  const word = /\S+?(?=[.:]?(?:\s|$))/g;
  return isOurs ? reason?.replaceAll(word, (one) => (one === ticketId ? '<ticket>' : one)) : reason;
}

/** Why a change did not arrive. */
export function reasonOf(outcome: LineOutcome): string | undefined {
  const { kind, blockers = [], error } = outcome;
  switch (kind) {
    case 'confirmed':
      return outcome.resent === true ? sentOnceMore : undefined;
    case 'unchanged':
      return undefined;
    case 'unreadable':
      return outcome.reason;
    case 'blocked':
      return blockers.map(({ message }) => message).join(' ');
    case 'refused':
      return `${String(error?.status)} ${String(error?.serverMessage ?? error?.code)}`;
    case 'not-sent':
    case 'unknown':
      return error?.message;
  }
}
