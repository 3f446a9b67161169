import type { Lifecycle } from '@ticket-lifecycle/core';
import { mostLateMs } from '@ticket-lifecycle/internal/settle-time';
import type { ChangeOptions, WorkflowEvent } from '@ticket-lifecycle/series';
import type { LineChange } from './change-line.ts';
import type { Journal } from '../journal/journal.ts';

/** What is asked for right before a change leaves. */
export type Seam = Pick<ChangeOptions, 'beforeSend'>;

/** Writes the intent of every change before it leaves: see journal/journal.ts. */
export interface Intents {
  /** The seam for the changes of a line. */
  of(line: number, change: LineChange): Seam;
  /** Takes an intent back whose request surely was not processed: it waits for another try. */
  readonly follow: (event: WorkflowEvent) => void;
}

/** Without a journal nothing is written. */
export function createIntents(
  journal: Journal | undefined,
  lifecycle: Lifecycle,
  timeoutMs: number,
): Intents {
  if (journal === undefined) return { of: () => ({}), follow() {} };
  // A ticket has one change under way at most.
  const latest = new Map<string, number>();
  // The workflow lets no request leave later than that after its intent.
  const openForMs = timeoutMs + Math.min(timeoutMs, mostLateMs);

  return {
    of: (line, { event: asked, to: target, staffUserId }) => ({
      async beforeSend({ ticketId, event, from, to, status: toStatus }) {
        const isThere = lifecycle.isState(target) ? to === target : toStatus === target;
        await journal.append({
          type: 'intent',
          line,
          ticketId,
          event,
          staffUserId,
          from,
          to,
          fromStatus: lifecycle.statusOf(from),
          toStatus,
          last: asked !== undefined || isThere,
          // By the time of the day: another process reads it, and a machine may have slept.
          at: Date.now(),
          openForMs,
        });
        latest.set(ticketId, line);
      },
    }),
    follow(event) {
      if (event.type === 'ended') latest.delete(event.ticketId);
      if (event.type !== 'answered' || event.call !== 'change-status') return;
      if (event.evidence !== 'limited' && event.evidence !== 'not-sent') return;
      const line = latest.get(event.ticketId);
      // Not awaited: where it does not reach the disk, the ticket is read for nothing.
      if (line !== undefined) {
        journal.append({ type: 'taken-back', line, at: event.at }).catch(() => {});
      }
    },
  };
}
