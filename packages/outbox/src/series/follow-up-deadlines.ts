import type { Calendar, Lifecycle } from '@ticket-lifecycle/core';
import type { Change } from '../model/change.ts';
import type { Ending } from '../model/delivery.ts';
import { storable } from '../model/storable.ts';

/** Who does what time has made due, and how days are counted. */
export interface SeriesDueOptions {
  readonly staffUserId: number;
  /** @defaultValue UTC, where every day has 24 hours */
  readonly calendar?: Calendar | undefined;
}

interface MakesDue {
  readonly lifecycle: Lifecycle;
  readonly due?: SeriesDueOptions | undefined;
}

/** Throws where a deadline can't be told: a calendar that fails, a moment that no Date can hold. */
export function checkDue({ lifecycle, due }: MakesDue): void {
  if (due === undefined) return;
  for (const state of lifecycle.states)
    lifecycle.deadlines(state, Date.now(), { calendar: due.calendar });
}

/** Adds to an end what the lifecycle makes due in the state that it leads to. */
export function withFollowUps(
  ending: Ending,
  { ticketId, key, context }: Change,
  { lifecycle, due }: MakesDue,
): Ending {
  if (ending.kind !== 'done' || ending.state === undefined || due === undefined) return ending;
  const { staffUserId, calendar } = due;
  const whileIn = ending.state;
  try {
    const later = lifecycle.deadlines(whileIn, Date.now(), { calendar }).map(({ event, at }) => ({
      change: { ticketId, key, event, staffUserId, context, whileIn },
      notBefore: at,
    }));
    return { ...ending, later };
  } catch (error) {
    // The change is done, whatever the calendar does.
    const failed = `Nothing is made due, as its time can't be told: ${storable(error)}`;
    return { ...ending, note: [ending.note, failed].filter(Boolean).join('. ') };
  }
}
