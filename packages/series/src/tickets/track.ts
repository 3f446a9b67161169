import type { Lifecycle } from '@ticket-lifecycle/core';
import type { Clock } from '../clock.ts';
import type { Memory, StoreFailedListener } from './memory.ts';
import type { Sightings } from './sightings.ts';

interface TrackContext {
  readonly lifecycle: Pick<Lifecycle, 'isState'>;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly sightings: Pick<Sightings, 'keep' | 'release'>;
}

/** Runs a change that something else makes, and notes its end before any read may be noted. */
export async function trackChange<Result extends object>(
  ticketId: string,
  change: () => Promise<Result>,
  { lifecycle, clock, memory, sightings }: TrackContext,
  onStoreFailed: StoreFailedListener,
): Promise<Result> {
  let state: unknown;
  sightings.keep(ticketId);
  try {
    const result = await change();
    state = 'state' in result ? result.state : undefined;
    return result;
  } finally {
    if (typeof state === 'string' && lifecycle.isState(state)) {
      const noted = { state, seenAt: Math.floor(clock.now()), isOurs: true } as const;
      await memory.remember(ticketId, noted, onStoreFailed);
    } else await memory.forget(ticketId, onStoreFailed);
    // What was read meanwhile is not noted either.
    sightings.release(ticketId);
  }
}
