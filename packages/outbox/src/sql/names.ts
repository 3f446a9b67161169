import { firstPauseMs, keptMs, longestPauseMs, mostSilent } from '../model/slot-timing.ts';
import { graceMs, unawareMs } from '../worker/permit.ts';

/** Raised by our functions for a worker that was declared dead. */
export const fencedCode = 'TLOF1';

/** Raised by our functions for an id that another change has. */
export const idTakenCode = 'TLOI1';

/** Raised by Postgres for a lock that was not free in time. */
export const notFreeCode = '55P03';

/** How long an ended change is kept, unless it is said otherwise: a week. */
export const defaultKeepEndedMs = 7 * 24 * 60 * 60 * 1000;

// A ticket that nobody has changed for as long is forgotten.
const rememberedDays = 400;

// An era is over after as many deliveries. A claim may have to look through what they left behind.
const eraSize = 250;

// More lanes stay where they are: to move them would hold the dispatcher up.
const mostMoved = 5000;

// A function must not call what somebody has put into another schema of the search path.
const safely = 'set search_path = pg_catalog, pg_temp';

// Only the lock of a whole table keeps a view waiting. That lasts, and a person is waiting.
const briefly = `${safely} set lock_timeout = '2s'`;

// The dispatcher waits for no lock for long: everybody else would wait with it. Its plans don't depend
// on statistics, as the tables are small when their plans are made, and large later: it looks rows up
// by an index, one by one, in its order. Any other join reads a table whole, and a bitmap all versions
// of a row, which is cheap only while there are few.
const dispatching = `${briefly} set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
  set jit = off
  set plan_cache_mode = force_generic_plan`;

/**
 * Fills the placeholders of a `.sql` file in: `:schema`, what the processes have to agree upon, and
 * what protects a function from its surroundings (`:safely`, `:briefly`, `:dispatching`).
 */
export function fillIn(text: string, schema: string): string {
  const values: Record<string, unknown> = {
    schema,
    safely,
    briefly,
    dispatching,
    grace_ms: graceMs,
    unaware_ms: unawareMs,
    kept_ms: keptMs,
    first_pause_ms: firstPauseMs,
    longest_pause_ms: longestPauseMs,
    most_silent: mostSilent,
    remembered_days: rememberedDays,
    era_size: eraSize,
    most_moved: mostMoved,
  };
  const placeholder = new RegExp(`(?<!:):(${Object.keys(values).join('|')})`, 'g');
  return text.replaceAll(placeholder, (_, name: string) => String(values[name]));
}
