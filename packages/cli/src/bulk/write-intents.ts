import type { Lifecycle } from '@ticket-lifecycle/core';
import type { ChangeOptions, WorkflowEvent } from '@ticket-lifecycle/series';
import type { LineChange } from './change-line.ts';
import type { Journal } from '../journal/journal.ts';

/** What is asked for right before a change leaves. */
export type Seam = Pick<ChangeOptions, 'beforeSend' | 'mayWrite'>;

/** Writes the intent of every change before it leaves: see journal/journal.ts. */
export interface Intents {
  /** The seam for the changes of a line. */
  of(line: number, change: LineChange): Seam;
  /** Takes an intent back whose request surely was not processed: it waits for another try. */
  readonly follow: (event: WorkflowEvent) => void;
}

// Between the intent and the first byte. Who comes later is stopped: a resumed run counts the time
// for which a request may be under way from its intent on.
const mostLateMs = 5000;

/** Without a journal nothing is written, and nothing stops a change. */
export function createIntents(
  journal: Journal | undefined,
  lifecycle: Lifecycle,
  timeoutMs: number,
): Intents {
  if (journal === undefined) return { of: () => ({}), follow() {} };
  // A ticket has one change under way at most.
  const latest = new Map<string, number>();

  return {
    of(line, { event: asked, to: target, staffUserId }) {
      let intendedAt = 0;
      return {
        async beforeSend({ ticketId, event, from, to, status: toStatus }) {
          const isThere = lifecycle.isState(target) ? to === target : toStatus === target;
          // By the time of the day: another process reads it, and a machine may have slept.
          intendedAt = Date.now();
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
            at: intendedAt,
            openForMs: timeoutMs + mostLateMs,
          });
          latest.set(ticketId, line);
        },
        mayWrite: () => Date.now() - intendedAt <= mostLateMs,
      };
    },
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
