import type { Calendar, Lifecycle } from '@ticket-lifecycle/core';
import type { Change } from '../model/change.ts';
import type { Ending } from '../model/delivery.ts';

/** Who does what time has made due, and how days are counted. */
export interface SeriesDueOptions {
  readonly staffUserId: number;
  /** @defaultValue UTC, where every day has 24 hours */
  readonly calendar?: Calendar | undefined;
}

/** Adds to an end what the lifecycle makes due in the state that it leads to. */
export function withFollowUps(
  ending: Ending,
  { ticketId, key, context }: Change,
  {
    lifecycle,
    due,
  }: { readonly lifecycle: Lifecycle; readonly due?: SeriesDueOptions | undefined },
): Ending {
  if (ending.kind !== 'done' || ending.state === undefined || due === undefined) return ending;
  const { staffUserId, calendar } = due;
  const whileIn = ending.state;
  const later = lifecycle.deadlines(whileIn, Date.now(), { calendar }).map(({ event, at }) => ({
    change: { ticketId, key, event, staffUserId, context, whileIn },
    notBefore: at,
  }));
  return { ...ending, later };
}
