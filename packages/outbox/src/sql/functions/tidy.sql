-- Whether nothing has happened to a ticket for so long that its lane may be deleted.
create or replace function :schema.outbox_may_forget_lane(lane :schema.outbox_lane, at timestamptz)
returns boolean language sql immutable as $$
  select lane.head is null and lane.behind = 0
    and lane.since < at - :remembered_days * interval '1 day'
$$;

-- The same for a key that is not paused and has had no fault for long.
create or replace function :schema.outbox_may_forget_circuit(
  circuit :schema.outbox_circuit, at timestamptz
) returns boolean language sql immutable as $$
  select circuit.paused_by is null and not circuit.has_aside
    and circuit.fault_at < at - interval '1 day'
$$;

-- Deletes what is of no use any more, some of it at a time. Answers up to which lane it has looked,
-- and whether there may be more to delete right now.
create or replace function :schema.outbox_tidy(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_clock();
  old timestamptz := at - :schema.outbox_span((input ->> 'keepMs')::float8);
  latest text;
  most constant int := 5000;
  deleted int;
  lanes text[];
  keys text[];
  circuits text[];
  workers uuid[];
begin
  delete from :schema.outbox_change c
  where c.id in (
    select o.id from :schema.outbox_change o
    where o.accepted_at < old and o.due_at is null and o.ended_at < old
      and o.kind not in ('dead', 'unknown')
    order by o.accepted_at limit most for update skip locked
  );
  get diagnostics deleted = row_count;

  latest := (
    select max(x.lane) from (
      select l.lane from :schema.outbox_lane l where l.lane > coalesce(input ->> 'after', '')
      order by l.lane limit 1000
    ) x
  );
  delete from :schema.outbox_gate g
  where g.lane in (
    select o.lane from :schema.outbox_gate o
    where o.lane > coalesce(input ->> 'after', '') and o.lane <= latest
      and o.passed_at < at - interval '1 hour'
      -- A change whose time comes goes through it.
      and not exists (
        select from :schema.outbox_change c
        where c.lane = o.lane and c.position is null and c.due_at is not null
      )
    for update skip locked
  );

  -- Looked for before the lock is taken: a table may hold many old versions of its rows.
  lanes := array(
    select l.lane from :schema.outbox_lane l
    where l.lane > coalesce(input ->> 'after', '') and l.lane <= latest
      and :schema.outbox_may_forget_lane(l, at)
  );
  -- Of keys that send nothing. Their slots are made again when they do.
  keys := array(
    select s.key from :schema.outbox_slot s
    group by s.key having max(s.free_at) < at - interval '1 minute'
  );
  circuits := array(
    select c.key from :schema.outbox_circuit c where :schema.outbox_may_forget_circuit(c, at)
  );
  workers := array(
    select w.id from :schema.outbox_worker w where w.dead_at < at - interval '1 day'
  );
  if cardinality(lanes) + cardinality(keys) + cardinality(circuits) + cardinality(workers) > 0 then
    perform :schema.outbox_tidy_dispatch(at, lanes, keys, circuits, workers);
  end if;
  return jsonb_build_object('after', latest, 'isMore', deleted = most);
end $$;

-- Under the dispatch lock, as a lane that is deleted must not be about to get a change. What was
-- found may be in use again since.
create or replace function :schema.outbox_tidy_dispatch(
  at timestamptz, lanes text[], keys text[], circuits text[], workers uuid[]
) returns void language plpgsql :dispatching as $$
begin
  perform :schema.outbox_lock();
  delete from :schema.outbox_lane l
  where l.lane in (
    select o.lane from :schema.outbox_lane o
    where o.lane = any (lanes) and :schema.outbox_may_forget_lane(o, at)
      and not exists (
        select from :schema.outbox_change c where c.lane = o.lane and c.ended_at is null
      )
    for update skip locked
  );
  delete from :schema.outbox_slot s
  where s.key = any (keys)
    and not exists (
      select from :schema.outbox_slot o
      where o.key = s.key and o.free_at >= at - interval '1 minute'
    );
  delete from :schema.outbox_circuit c
  where c.key = any (circuits) and :schema.outbox_may_forget_circuit(c, at);
  delete from :schema.outbox_worker w
  where w.id = any (workers)
    and not exists (
      select from :schema.outbox_lane l
      where l.era = :schema.outbox_lanes_era() and l.worker = w.id
    );
end $$;
