import { createTicketTable } from '@ticket-lifecycle/internal/histories/ticket-table';
import { defaultSettleMs } from '@ticket-lifecycle/internal/settle-time';
import type { DatedOutcome } from '../journal/entries.ts';
import type { OpenLine } from '../journal/read-journal.ts';
import type { LineChange } from './change-line.ts';

/** What an earlier run has to do with a line of another file. */
export interface EarlierChange<Run> {
  /** It has made this change, or has left the ticket in doubt. */
  readonly kind: 'made' | 'in-doubt';
  readonly run: Run;
  /** Until when a request that is in doubt may be under way: milliseconds since the epoch. */
  readonly openUntil?: number;
}

/** A step that was made: of very many changes there are only a few. */
interface Step {
  readonly event: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly status: string | undefined;
  /** Whether it was sent, or seen: a step of the lifecycle's own says nothing of the ticket. */
  readonly isSeen: boolean;
}

/** A change in doubt, and when it was sent. */
interface Doubt<Run> extends EarlierChange<Run> {
  readonly at: number;
}

/**
 * Knows which changes earlier runs have made, and which they have left in doubt, to find out whether
 * a line would make one of them once more. The runs are told one after another. Each was gone on with
 * whenever a person wanted, so it is not their order that counts, but the time of each entry.
 *
 * @param since - what was written before does not count: milliseconds since the epoch
 */
export function createEarlierChanges<Run extends { readonly isFinished: boolean }>(since = 0) {
  // For each ticket the place behind its latest step, and for each step the one of its ticket before.
  const tickets = createTicketTable();
  const previous: number[] = [];
  const times: number[] = [];
  const codes: number[] = [];
  const ofRuns: number[] = [];
  const runs: Run[] = [];
  const steps: Step[] = [];
  const codeOf = new Map<string, number>();
  const doubts = new Map<string, Doubt<Run>>();

  return {
    /** Begins to tell of a run; gives what is told what became of its lines. */
    add(run: Run): (outcomes: readonly DatedOutcome[]) => void {
      runs.push(run);
      return (outcomes) => {
        for (const outcome of outcomes) note(outcome);
      };
    },
    /** Ends to tell of it, with the lines that it has not ended. */
    end(run: Run, open: ReadonlyMap<number, OpenLine>): void {
      for (const { intents, steps: made } of open.values()) {
        const intent = intents.at(-1);
        // The steps of a line are written down together, at its end: they were made before its next.
        const latest = intent?.at ?? Infinity;
        for (const outcome of made) note({ ...outcome, at: Math.min(outcome.at, latest) });
        if (intent === undefined || intent.at < since) continue;
        const { ticketId, at, openForMs = 0 } = intent;
        if ((doubts.get(ticketId)?.at ?? 0) > at) continue;
        const openUntil = Math.min(at, Date.now()) + openForMs + defaultSettleMs;
        doubts.set(ticketId, { kind: 'in-doubt', run, openUntil, at });
      }
    },
    /** Whether there is anything to compare a line with. */
    get isEmpty() {
      return codes.length === 0 && doubts.size === 0;
    },
    /**
     * What a line would repeat; that of a run which is not finished goes first. After a finished run a
     * line without `from` repeats nothing: its ticket is read first. Nor does one whose `from` is where
     * the latest step has left the ticket: it was reopened, say, and the same change is made anew.
     */
    of(change: LineChange): EarlierChange<Run> | undefined {
      const latest = tickets.read(tickets.find(change.ticketId));
      const doubt = doubts.get(change.ticketId);
      if (doubt !== undefined && !isSeenAfter(doubt.at, latest)) return doubt;
      const left = stepAt(latest)?.to;
      let found: Run | undefined;
      for (let at = latest; at > 0; at = previous[at - 1] ?? 0) {
        const step = stepAt(at);
        const run = runs[ofRuns[at - 1] ?? 0];
        if (run === undefined || step === undefined || !repeats(change, step, left)) continue;
        if (!run.isFinished) return { kind: 'made', run };
        if (change.from !== undefined && change.from !== left) found ??= run;
      }
      return found && { kind: 'made', run: found };
    },
  };

  function note({ kind, ticketId, event, from, to, status, by, at }: DatedOutcome): void {
    if (ticketId === undefined || kind !== 'confirmed' || at < since) return;
    const code = codeFor({ event, from, to, status, isSeen: by !== 'lifecycle' });
    const own = codes.push(code);
    times.push(at);
    ofRuns.push(runs.length - 1);
    const place = tickets.find(ticketId);
    let below = tickets.read(place);
    let above = 0;
    while (below > 0 && (times[below - 1] ?? 0) > at) {
      above = below;
      below = previous[below - 1] ?? 0;
    }
    previous.push(below);
    if (above === 0) tickets.write(place, own);
    else previous[above - 1] = own;
  }

  /** Whether a run has seen where the ticket stands, later than that. */
  function isSeenAfter(sentAt: number, latest: number): boolean {
    for (let at = latest; at > 0 && (times[at - 1] ?? 0) > sentAt; at = previous[at - 1] ?? 0) {
      if (stepAt(at)?.isSeen === true) return true;
    }
    return false;
  }

  function codeFor(step: Step): number {
    const key = JSON.stringify(Object.values(step));
    const known = codeOf.get(key);
    if (known !== undefined) return known;
    codeOf.set(key, steps.length);
    return steps.push(step) - 1;
  }

  function stepAt(place: number): Step | undefined {
    return place === 0 ? undefined : steps[codes[place - 1] ?? 0];
  }
}

/**
 * Whether a line asks for a step that was made: by its event, by its target, or by a `from` that the
 * ticket has left with it. `left` is where the last step that is known has left the ticket.
 */
function repeats({ event, to, from }: LineChange, step: Step, left: string | undefined): boolean {
  if (event !== undefined && event === step.event) return true;
  if (to !== undefined && (to === step.to || to === step.status)) return true;
  return from !== undefined && from === step.from && from !== left;
}
