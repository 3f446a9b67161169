create table if not exists :schema.outbox_version (version int not null);

create table if not exists :schema.outbox_worker (
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
create table if not exists :schema.outbox_budget (
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

create sequence if not exists :schema.outbox_token;

create table if not exists :schema.outbox_slot (
  key text not null,
  slot int not null,
  free_at timestamptz not null default '-infinity',
  worker uuid,
  token bigint not null default 0,
  primary key (key, slot)
) with (fillfactor = 50);

-- One row for each change from right before it is first sent until its end is known.
create table if not exists :schema.outbox_attempt (
  job uuid primary key,
  worker uuid,
  attempts int not null,
  -- How many of them met an API that could not be reached.
  outages int not null default 0,
  doubt_since timestamptz,
  retry_at timestamptz
) with (fillfactor = 50);
-- When the first claim began whose request may have left: the change was not sent before.
alter table :schema.outbox_attempt add column if not exists claimed_at timestamptz;
-- Which of its worker's requests it was handed out to.
alter table :schema.outbox_attempt add column if not exists claim_number bigint;
create index if not exists outbox_attempt_worker on :schema.outbox_attempt (worker);
create index if not exists outbox_attempt_retry on :schema.outbox_attempt (retry_at)
  where retry_at is not null;

-- Where a ticket stood after the latest change that was delivered.
create table if not exists :schema.outbox_ticket (
  lane text primary key,
  state text not null,
  seen_at timestamptz not null
) with (fillfactor = 70);

-- The oldest changes of one key, without looking at those of the others.
create index if not exists outbox_ready on :schema.:jobs
  (group_id, priority desc, created_on, id) where state < 'active' and not blocked;
create index if not exists outbox_due on :schema.:later (start_after) where state < 'active';
create index if not exists outbox_timers on :schema.:later (singleton_key)
  where state < 'active';
