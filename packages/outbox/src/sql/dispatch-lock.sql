-- The functions that the others are made of.
--
-- In all these files names.ts fills in the schema, the tables of changes (jobs, later) and the times
-- that the processes go by as well (grace_ms, kept_ms).

-- Makes sure that keys have their slots.
create or replace function :schema.outbox_keys(keys text[], slots int) returns void
language sql as $$
  insert into :schema.outbox_budget (key) select unnest(keys) on conflict do nothing;
  insert into :schema.outbox_slot (key, slot)
  select k, n from unnest(keys) k cross join generate_series(1, slots) n
  where not exists (select from :schema.outbox_slot s where s.key = k and s.slot = n)
  on conflict do nothing;
$$;

-- Takes the dispatch lock and renews the worker: until the transaction ends, no other process hands
-- out changes or slots, ends claims or declares workers dead. Returns the time.
create or replace function :schema.outbox_dispatch_lock(me uuid) returns timestamptz
language plpgsql as $$
declare at timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  at := clock_timestamp();
  update :schema.outbox_worker set seen_at = at where id = me and dead_at is null;
  if not found then
    raise exception 'This worker was declared dead.' using errcode = 'TLOF1';
  end if;
  return at;
end $$;

-- Milliseconds since a moment.
create or replace function :schema.outbox_since(moment timestamptz) returns float8
language sql volatile as $$ select 1000 * extract(epoch from clock_timestamp() - moment) $$;

-- How many requests the pace allows a key until the horizon.
create or replace function :schema.outbox_room(
  at timestamptz, next_at timestamptz, paused_until timestamptz, gap_ms float8, horizon_ms float8
) returns int language sql immutable as $$
  select case
    when paused_until > at or next_at > at + horizon_ms * interval '1 ms' then 0
    when gap_ms = 0 then 1000000
    else 1 + floor((horizon_ms - 1000 * extract(epoch from greatest(next_at, at) - at)) / gap_ms)::int
  end
$$;
