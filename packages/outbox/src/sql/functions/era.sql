-- Eras: what keeps the dispatcher fast while somebody keeps a transaction open.
--
-- An update leaves the old version of its row behind. For as long as any transaction is open that
-- began before the update (a report, a dump, a session that somebody forgot), Postgres must keep that
-- version, and every look into an index that finds it has to pass over it. A slot, a budget and a
-- worker are updated many times a second, and each delivery leaves entries in the indexes of lanes
-- and arrivals: after some minutes a claim would look through all that was ever delivered.
--
-- So each of these rows carries an era, indexes hold it, and looks go where no old version is:
-- - lanes that are ready, held or tried again, workers and the turn of the keys carry the latest era.
--   When one begins they are moved there, and nobody looks into an earlier one.
-- - a slot and a budget get the latest era when they are changed. A look begins at the latest and
--   ends at the first row that it finds, as there is one. So does a look for the lane of a ticket.
-- - arrivals are found by their places. An era ends, and its places are passed over, when no
--   transaction is open that has accepted a change in it, and all its arrivals are admitted.
--   Whoever accepts holds a shared lock on the number of the era until the transaction ends.
-- An era begins after some hundred deliveries, or a minute. So nothing is looked through that is
-- older, however long a transaction stays open. Lanes are moved only after twice as many deliveries
-- as there are lanes to move: so they cost less than half an update more for each delivery.

-- The latest.
create or replace function :schema.outbox_latest_era() returns bigint language sql stable as $$
  select e.n from :schema.outbox_era e order by e.n desc limit 1
$$;

-- The one that lanes carry.
create or replace function :schema.outbox_lanes_era() returns bigint language sql stable as $$
  select e.lanes from :schema.outbox_era e order by e.n desc limit 1
$$;

create or replace function :schema.outbox_era_lock(number bigint) returns bigint
language sql immutable as $$ select hashtextextended(':schema/era', number) $$;

-- Keeps the present era from ending before this transaction does.
create or replace function :schema.outbox_hold_era() returns void language plpgsql as $$
declare number bigint;
begin
  loop
    number := (select s.last_value from :schema.outbox_era_number s);
    perform pg_advisory_xact_lock_shared(:schema.outbox_era_lock(number));
    -- Unless another began in between.
    exit when number = (select s.last_value from :schema.outbox_era_number s);
  end loop;
end $$;

-- Begins an era, if it is time for one. What somebody has locked by hand is not waited for: then the
-- present one goes on.
create or replace function :schema.outbox_advance(at timestamptz) returns void language plpgsql as $$
declare
  token bigint := (select s.last_value from :schema.outbox_token s);
  place bigint := (
    -- Of a new sequence it is the one that comes next.
    select case when s.is_called then s.last_value else 0 end from :schema.outbox_position s
  );
  latest record;
  number bigint;
  workers int;
  moved int;
  lanes text[];
  is_moved boolean;
begin
  select * into latest from :schema.outbox_era e order by e.n desc limit 1;
  if token < latest.began + :era_size and place < latest.after + :era_size
    and at between latest.began_at and latest.began_at + interval '1 minute'
  then return; end if;

  workers := (select count(*) from (
    select from :schema.outbox_worker w where w.era = latest.n for no key update skip locked
  ) w);
  -- As many as may be moved, and one more.
  moved := least(:most_moved, (token - latest.lanes_began) / 2);
  lanes := array(select h from :schema.outbox_hot_lanes(latest.lanes, moved + 1) h);
  is_moved := cardinality(lanes) <= moved and cardinality(lanes) = (select count(*) from (
    select from :schema.outbox_lane l
    where (l.lane, l.era) in (select h, latest.lanes from unnest(lanes) h)
    for no key update skip locked
  ) l);
  if workers < (select count(*) from :schema.outbox_worker w where w.era = latest.n) then
    update :schema.outbox_era e set began = token, began_at = at where e.n = latest.n;
    return;
  end if;

  -- The place was read before: whoever accepts in the new era gets one behind it.
  number := nextval(':schema.outbox_era_number');
  if is_moved then
    update :schema.outbox_lane l set era = number
    where (l.lane, l.era) in (select h, latest.lanes from unnest(lanes) h);
  end if;
  update :schema.outbox_worker w set era = number where w.era = latest.n;
  update :schema.outbox_key_turn t set era = number where t.era = latest.n;
  insert into :schema.outbox_era (n, after, lanes, began, lanes_began, began_at)
  values (number, place, case when is_moved then number else latest.lanes end, token,
    case when is_moved then token else latest.lanes_began end, at);
end $$;

-- The lanes that carry the latest era, or some of them.
create or replace function :schema.outbox_hot_lanes(which bigint, most int) returns setof text
language sql stable as $$
  select l.lane from (
    (select o.lane from :schema.outbox_lane o where o.era = which and o.is_ready limit most)
    union
    (select o.lane from :schema.outbox_lane o where o.era = which and o.retry_at is not null limit most)
    union
    (select o.lane from :schema.outbox_lane o where o.era = which and o.worker is not null limit most)
  ) l limit most
$$;

-- The places of an era are passed over from now on, if nothing can come from it any more.
create or replace function :schema.outbox_close_era(
  number bigint, until_number bigint, place bigint, until_place bigint
) returns void language plpgsql as $$
begin
  -- A transaction that was rolled back may have left numbers between them unused.
  for one in number .. until_number - 1 loop
    if not pg_try_advisory_xact_lock(:schema.outbox_era_lock(one)) then return; end if;
  end loop;
  if not exists (
    select from :schema.outbox_arrival a where a.position > place and a.position <= until_place
  ) then
    delete from :schema.outbox_era e where e.n = number;
  end if;
end $$;

-- The lane of a ticket.
create or replace function :schema.outbox_lane_of(which text)
returns setof :schema.outbox_lane language sql stable as $$
  select l.* from :schema.outbox_lane l where l.lane = which order by l.era desc limit 1
$$;

-- The budget of a key.
create or replace function :schema.outbox_budget_of(which text)
returns setof :schema.outbox_budget language sql stable as $$
  select b.* from :schema.outbox_budget b where b.key = which order by b.era desc limit 1
$$;

-- How many slots a key has. It returns rows, like the functions beside it, so that Postgres makes it a
-- part of the query that asks, and not a call for each key.
create or replace function :schema.outbox_made_slots(which text, out made int) returns setof int
language sql stable as $$
  select coalesce((
    select s.slot from :schema.outbox_slot s where s.key = which
    order by s.slot desc, s.era desc limit 1
  ), 0)
$$;

-- One of them.
create or replace function :schema.outbox_slot_of(which text, number int)
returns setof :schema.outbox_slot language sql stable as $$
  select s.* from :schema.outbox_slot s where s.key = which and s.slot = number
  order by s.era desc limit 1
$$;
