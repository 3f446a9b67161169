-- The functions that the others are made of.
--
-- In all these files names.ts fills in the schema and the times that the processes go by as well
-- (grace_ms, kept_ms), and `:safely`: what protects a function from its surroundings. Each takes one
-- jsonb and gives one, so that nothing depends on how a client reads and writes types.

-- The clock that everything here goes by: it runs on while a transaction waits.
create or replace function :schema.outbox_clock() returns timestamptz
language sql volatile as $$ select pg_catalog.clock_timestamp() $$;

create or replace function :schema.outbox_ms(span interval) returns float8
language sql immutable as $$ select (1000 * extract(epoch from span))::float8 $$;

-- As people are told of it.
create or replace function :schema.outbox_whole_ms(span interval) returns bigint
language sql immutable as $$ select round(1000 * extract(epoch from span))::bigint $$;

create or replace function :schema.outbox_span(ms float8) returns interval
language sql immutable as $$ select ms * interval '1 ms' $$;

-- Whether nobody has the session lock of a worker, which ends with its process.
create or replace function :schema.outbox_is_unlocked(lock bigint) returns boolean
language sql volatile as $$ select pg_catalog.pg_try_advisory_xact_lock(lock) $$;

-- Takes the dispatch lock: until the transaction ends, no other process hands out changes or slots,
-- ends claims or declares workers dead. Returns the time.
create or replace function :schema.outbox_lock() returns timestamptz
language plpgsql as $$
declare
  at timestamptz;
  ahead interval;
begin
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  at := :schema.outbox_clock();
  select max(w.seen_at) - at into ahead from :schema.outbox_worker w
  where w.era = :schema.outbox_latest_era();
  -- Processes renew while this waits, so it may be a little behind. More means: it was set back.
  if ahead > interval '1 second' then perform :schema.outbox_clock_set_back(at, ahead); end if;
  return at;
end $$;

-- Moves all stored moments back by as much as the clock was set back. Else every key would be silent
-- until the clock is there again.
create or replace function :schema.outbox_clock_set_back(at timestamptz, ahead interval)
returns void language plpgsql as $$
begin
  update :schema.outbox_worker set seen_at = seen_at - ahead, entered_at = entered_at - ahead,
    dead_at = dead_at - ahead, held_until = held_until - ahead;
  update :schema.outbox_slot set free_at = free_at - ahead;
  update :schema.outbox_budget set next_at = next_at - ahead, paused_until = paused_until - ahead,
    kept_until = kept_until - ahead;
  update :schema.outbox_circuit set since = since - ahead, next_try_at = next_try_at - ahead,
    fault_at = fault_at - ahead, worked_at = worked_at - ahead;
  update :schema.outbox_lane set key_fault_at = key_fault_at - ahead where key_fault_at is not null;
  update :schema.outbox_lane set retry_at = retry_at - ahead, claimed_at = claimed_at - ahead,
    doubt_since = doubt_since - ahead, quiet_at = quiet_at - ahead, seen_at = seen_at - ahead
  where greatest(retry_at, claimed_at, doubt_since, quiet_at, seen_at) > at - ahead - interval '1 day';
end $$;

-- The same for a worker, which shows by this that it lives.
create or replace function :schema.outbox_lock_as(me uuid) returns timestamptz
language plpgsql as $$
declare at timestamptz := :schema.outbox_lock();
begin
  update :schema.outbox_worker w set seen_at = at
  where w.era = :schema.outbox_latest_era() and w.id = me and w.dead_at is null;
  if not found then
    -- It entered as an era began.
    update :schema.outbox_worker w set seen_at = at, era = :schema.outbox_latest_era()
    where w.id = me and w.dead_at is null;
  end if;
  if not found then
    raise exception 'This worker was declared dead.' using errcode = 'TLOF1';
  end if;
  return at;
end $$;

-- How many requests the pace allows a key until the horizon. As a moment plus a span is no constant, it
-- is `stable`: otherwise it would be a call for each key.
create or replace function :schema.outbox_room(
  at timestamptz, next_at timestamptz, paused_until timestamptz, gap_ms float8, horizon_ms float8
) returns int language sql stable as $$
  select case
    when paused_until > at or next_at > at + horizon_ms * interval '1 ms' then 0
    when gap_ms = 0 then 1000000
    else 1 + floor(
      (horizon_ms - 1000 * extract(epoch from greatest(next_at, at) - at)) / gap_ms
    )::int
  end
$$;

-- What is known of a change, in the order in which it happened.

-- One thing of it.
create or replace function :schema.outbox_evidence(at timestamptz, what text, detail text)
returns jsonb language sql stable as $$
  select jsonb_build_array(
    jsonb_strip_nulls(jsonb_build_object('at', at, 'what', what, 'detail', left(detail, 300))))
$$;

-- That it was claimed, and by whom.
create or replace function :schema.outbox_claim_evidence(at timestamptz, attempt int, worker uuid)
returns jsonb language sql stable as $$
  select :schema.outbox_evidence(at, 'claimed', concat_ws(', ', 'attempt ' || attempt,
    (select 'process ' || w.pid || ' of ' || w.host from :schema.outbox_worker w
    where w.era = :schema.outbox_latest_era() and w.id = worker)))
$$;

-- The latest of it, with more: a change that is tried for days keeps no more than this. The latest
-- request, its answer and how its attempt ended stay among them, whatever is read since. Each end pays
-- for this under the dispatch lock, so it is no query.
create or replace function :schema.outbox_with_evidence(known jsonb, more jsonb) returns jsonb
language plpgsql stable as $$
declare
  entries jsonb := coalesce(known, '[]') || more;
  left_out int := jsonb_array_length(entries) - 60;
  latest int := left_out + 59;
  whats jsonb;
  sent int;
  answered int;
  pinned int[];
  kept jsonb := '[]';
begin
  if left_out <= 0 then return entries; end if;
  whats := jsonb_path_query_array(entries, '$[*].what');
  if whats ? 'sent' then
    for n in reverse latest..0 loop
      sent := n;
      exit when whats ->> n = 'sent';
    end loop;
    pinned := array[sent];
    for n in sent + 1..latest loop
      -- A request is answered before the attempt goes on. Later answers are those of reads.
      if whats ->> n = 'answered' and answered is null then
        answered := n;
        pinned := pinned || n;
      elsif whats ->> n in ('ended', 'worker lost', 'given back') then
        pinned := pinned || n;
        exit;
      end if;
    end loop;
    -- Each that stays takes the place of a later one.
    for i in 1..cardinality(pinned) loop
      exit when pinned[i] >= left_out + i - 1;
      kept := kept || jsonb_build_array(entries -> pinned[i]);
    end loop;
    left_out := left_out + jsonb_array_length(kept);
  end if;
  return kept || jsonb_path_query_array(entries, '$[$n to last]', jsonb_build_object('n', left_out));
end $$;
