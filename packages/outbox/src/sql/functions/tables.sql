-- The tables. model/store.ts explains the protocol; this is what it is kept in.
--
-- `accept` only inserts: a row of `change`, one of `arrival`, and the gate of its ticket. Everything
-- else belongs to the dispatcher: it is written under the dispatch lock alone, and no transaction of
-- a service ever holds a lock on it.
--
-- What changes with each delivery carries an era: era.sql explains it.

create table if not exists :schema.outbox_version (version int not null);

-- Gives changes their places. The dispatcher takes those of one ticket in this order.
create sequence if not exists :schema.outbox_position;

-- Every change, from `accept` until some days after its end. While a change waits and while it is
-- delivered its row stays as it is: what moves is its lane.
create table if not exists :schema.outbox_change (
  id uuid primary key,
  lane text not null,
  -- Its place in the lane. None before its time has come.
  position bigint,
  priority int not null,
  change jsonb not null,
  accepted_at timestamptz not null,
  -- When it may enter its lane; none once it has.
  due_at timestamptz,
  -- How it ended: done, dropped, dead, unknown, cancelled or skipped. None until then.
  kind text,
  reason text,
  ended_at timestamptz,
  -- What is known of it, in the order in which it happened: the latest entries, each with a moment (at),
  -- a word for it (what) and mostly a detail.
  evidence jsonb,
  -- The latest claims of it that were ended by their holders: an end whose answer was lost is known
  -- again, whatever became of the change since.
  ended_fences int[]
) with (fillfactor = 85);
create index if not exists outbox_change_lane on :schema.outbox_change (lane, position);
create index if not exists outbox_change_due on :schema.outbox_change (due_at)
  where due_at is not null;
create index if not exists outbox_change_age on :schema.outbox_change (accepted_at)
  where due_at is null;

-- Changes that were accepted and whose lane does not know of them yet.
create table if not exists :schema.outbox_arrival (
  position bigint primary key,
  lane text not null,
  -- When it came: as it was accepted, or when its time had come.
  since timestamptz
);

-- Whoever accepts a change of a ticket holds its gate until the transaction ends, so that the order
-- of places is that of commits. A row and no advisory lock: those are few, and a transaction may
-- accept any number of changes.
create table if not exists :schema.outbox_gate (
  lane text primary key,
  passed_at timestamptz not null
) with (fillfactor = 70);

-- One row for each ticket, whatever era it is of: its first change, and what is known of the ticket.
create table if not exists :schema.outbox_lane (
  lane text not null,
  key text not null,
  -- The change that is delivered next, or now, or holds the ticket.
  head uuid,
  position bigint,
  priority int,
  accepted_at timestamptz,
  -- Of the head: waiting, active, retry, dead or unknown.
  kind text,
  reason text,
  -- Since when it is so.
  since timestamptz,
  -- How many changes wait behind the head.
  behind int not null default 0,
  -- Whether the head may be claimed now.
  is_ready boolean not null default false,
  retry_at timestamptz,
  worker uuid,
  -- Counts claims. An end of an older one has no effect.
  fence int not null default 0,
  -- Which of its worker's requests it was handed out to.
  claim_number bigint,
  attempts int not null default 0,
  -- How many of them met an API that could not be reached.
  outages int not null default 0,
  -- When the first claim began whose request may have left: the change was not sent before.
  claimed_at timestamptz,
  -- When its request can last have left, where it may have.
  doubt_since timestamptz,
  -- Where the ticket stood after the latest change that was delivered.
  state text,
  seen_at timestamptz,
  -- That of `lanes`, for as long as it is ready, held by a worker or tried again.
  era bigint not null default 1,
  -- When its key failed for the head, or was last tried with it.
  key_fault_at timestamptz,
  -- Until when a request of an earlier head may be under way: the next head waits for that.
  quiet_at timestamptz,
  -- Whether it is ready but stands aside, as its key is paused: claims don't look through those. It is
  -- of no era, and comes back when its key goes on.
  is_aside boolean not null default false,
  primary key (lane, era)
) with (fillfactor = 70);
create index if not exists outbox_lane_next
  on :schema.outbox_lane (era, key, priority desc, position) where is_ready;
create index if not exists outbox_lane_later on :schema.outbox_lane (era, retry_at)
  where retry_at is not null;
create index if not exists outbox_lane_holder on :schema.outbox_lane (era, worker)
  where worker is not null;
create index if not exists outbox_lane_busy on :schema.outbox_lane (key)
  where head is not null;
create index if not exists outbox_lane_aside
  on :schema.outbox_lane (key, priority desc, position) where is_aside;
create index if not exists outbox_lane_probe
  on :schema.outbox_lane (key, key_fault_at nulls first, priority desc, position) where is_aside;

-- What each key may still send: one row for each, whatever era it is of. Its slots are rows, so that
-- each has a holder of its own. There are as many as were needed at a time.
create table if not exists :schema.outbox_budget (
  key text not null,
  next_at timestamptz,
  paused_until timestamptz,
  -- Slots that are kept from new changes, for requests of changes under way.
  kept int not null default 0,
  kept_until timestamptz,
  sent bigint not null default 0,
  limited bigint not null default 0,
  -- When it was last changed.
  era bigint not null default 1,
  primary key (key, era)
) with (fillfactor = 50);

-- Keys that failed by themselves, and keys that are paused.
create table if not exists :schema.outbox_circuit (
  key text primary key,
  -- Who paused it: fault or hand. None while its changes are handed out.
  paused_by text,
  reason text,
  since timestamptz,
  -- When one of its changes is handed out again, as a probe, and how long the next wait is.
  next_try_at timestamptz,
  step_ms float8,
  -- Deliveries in a row that were left without an answer.
  silent int not null default 0,
  fault_at timestamptz not null,
  -- When the latest claim began whose end showed that the key works.
  worked_at timestamptz,
  -- Whether tickets of it may stand aside.
  has_aside boolean not null default false
) with (fillfactor = 50);
create index if not exists outbox_circuit_probe on :schema.outbox_circuit (next_try_at)
  where has_aside and paused_by = 'fault';
create index if not exists outbox_circuit_back on :schema.outbox_circuit (key)
  where has_aside and paused_by is null;

-- Autovacuum looks at a sample of the changes again and again. Of 3,000 rows that takes a fortieth of
-- the time that it takes of 30,000 with all their texts, and no plan needs to know more.
alter table :schema.outbox_change
  alter column id set statistics 10,
  alter column lane set statistics 10,
  alter column position set statistics 10,
  alter column priority set statistics 10,
  alter column change set statistics 0,
  alter column accepted_at set statistics 10,
  alter column due_at set statistics 10,
  alter column kind set statistics 10,
  alter column reason set statistics 10,
  alter column ended_at set statistics 10,
  alter column evidence set statistics 0,
  alter column ended_fences set statistics 0;

create sequence if not exists :schema.outbox_token;

create table if not exists :schema.outbox_slot (
  key text not null,
  slot int not null,
  free_at timestamptz not null,
  -- Whose it is, and for which ticket it was taken together with a change.
  worker uuid,
  lane text,
  token bigint not null,
  -- When it was last changed, as for a budget.
  era bigint not null default 1,
  primary key (key, slot, era)
) with (fillfactor = 50);

create table if not exists :schema.outbox_worker (
  id uuid not null,
  host text not null,
  pid int not null,
  lock bigint not null,
  session boolean not null,
  -- Changes that it can have under way at a time.
  capacity int not null,
  entered_at timestamptz not null,
  seen_at timestamptz not null,
  dead_at timestamptz,
  -- When its right to send ended, and whether its process is gone for certain.
  held_until timestamptz,
  is_gone boolean,
  -- The latest: all workers are moved when one begins.
  era bigint not null default 1,
  primary key (era, id)
) with (fillfactor = 50);

-- The eras, from the oldest of which an arrival may still come to the latest.
create sequence if not exists :schema.outbox_era_number;
create table if not exists :schema.outbox_era (
  n bigint primary key,
  -- Its arrivals have places behind this one.
  after bigint not null,
  -- The era that lanes carry. An earlier one, where there were too many of them to move.
  lanes bigint not null,
  -- The latest token as it began, and as that of the lanes began.
  began bigint not null,
  lanes_began bigint not null,
  began_at timestamptz not null
);
insert into :schema.outbox_era (n, after, lanes, began, lanes_began, began_at)
select nextval(':schema.outbox_era_number'), 0, 1, 0, 0, clock_timestamp()
where not exists (select from :schema.outbox_era);

-- The key that had the latest turn: the ones behind it come next. Of the latest era.
create table if not exists :schema.outbox_key_turn (
  era bigint primary key,
  key text not null
) with (fillfactor = 50);
insert into :schema.outbox_key_turn (era, key)
select e.n, '' from :schema.outbox_era e
where not exists (select from :schema.outbox_key_turn)
order by e.n desc limit 1;
