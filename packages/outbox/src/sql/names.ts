/** The names that the statements need. */
export interface Names {
  /** The schema of pg-boss's tables and ours. */
  readonly schema: string;
  /** The table of the changes that are due: a partition of pg-boss's. */
  readonly jobs: string;
  /** The table of the changes that wait for their time. */
  readonly later: string;
}

/** The queues of pg-boss. */
export const changesQueue = 'changes';
export const laterQueue = 'later';

/** A number for the lock under which changes are handed out and settled, one worker at a time. */
export const boardOf = (schema: string) => `hashtextextended('${schema}/board', 0)`;

/**
 * How our functions are planned: the statistics of a queue are always out of date, and a plan that
 * reads a whole table because it was empty yesterday would be kept.
 */
export const planning =
  'set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan';

/** Raised by our functions for a worker that was given up. */
export const fencedCode = 'TLOF1';

/** Counts up with every change of the tables and functions below. */
export const schemaVersion = 1;

/** Our tables beside pg-boss's. Each statement can be run again. */
export const tablesOf = ({ schema, jobs, later }: Names) => `
create table if not exists ${schema}.outbox_version (version int not null);

create table if not exists ${schema}.outbox_worker (
  id uuid primary key,
  host text not null,
  pid int not null,
  lock bigint not null,
  session boolean not null,
  entered_at timestamptz not null,
  seen_at timestamptz not null,
  dead_at timestamptz
) with (fillfactor = 50);

-- What each key may still send. Its slots are rows, so that each has a holder of its own.
create table if not exists ${schema}.outbox_budget (
  key text primary key,
  next_at timestamptz not null default '-infinity',
  paused_until timestamptz not null default '-infinity',
  served_at timestamptz not null default '-infinity',
  -- Slots that are kept from new changes, for requests that wait already.
  kept int not null default 0,
  kept_until timestamptz not null default '-infinity',
  sent bigint not null default 0,
  limited bigint not null default 0
) with (fillfactor = 50);

create sequence if not exists ${schema}.outbox_token;

create table if not exists ${schema}.outbox_slot (
  key text not null,
  slot int not null,
  free_at timestamptz not null default '-infinity',
  worker uuid,
  token bigint not null default 0,
  primary key (key, slot)
) with (fillfactor = 50);

-- One row for each change from right before it is first sent until it is settled.
create table if not exists ${schema}.outbox_attempt (
  job uuid primary key,
  worker uuid,
  attempts int not null,
  -- How many of them met an API that could not be reached.
  outages int not null default 0,
  doubt_since timestamptz,
  retry_at timestamptz
) with (fillfactor = 50);
create index if not exists outbox_attempt_worker on ${schema}.outbox_attempt (worker);
create index if not exists outbox_attempt_retry on ${schema}.outbox_attempt (retry_at)
  where retry_at is not null;

-- Where a ticket stood after the latest change that was delivered.
create table if not exists ${schema}.outbox_ticket (
  lane text primary key,
  state text not null,
  seen_at timestamptz not null
) with (fillfactor = 70);

-- The oldest changes of one key, without looking at those of the others.
create index if not exists outbox_ready on ${schema}.${jobs}
  (group_id, priority desc, created_on, id) where state < 'active' and not blocked;
create index if not exists outbox_due on ${schema}.${later} (start_after) where state < 'active';
create index if not exists outbox_timers on ${schema}.${later} (singleton_key)
  where state < 'active';
`;
