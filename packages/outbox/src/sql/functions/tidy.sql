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
begin
  delete from :schema.outbox_change c
  where c.id in (
    select o.id from :schema.outbox_change o
    where o.accepted_at < old and o.due_at is null and o.ended_at < old
      and o.kind not in ('dead', 'unknown')
    order by o.accepted_at limit most for update skip locked
  );
  get diagnostics deleted = row_count;

  -- Under the dispatch lock, as a lane that is deleted must not be about to get a change.
  perform :schema.outbox_lock();
  latest := (
    select max(x.lane) from (
      select l.lane from :schema.outbox_lane l where l.lane > coalesce(input ->> 'after', '')
      order by l.lane limit 1000
    ) x
  );
  delete from :schema.outbox_lane l
  where l.lane in (
    select o.lane from :schema.outbox_lane o
    where o.lane > coalesce(input ->> 'after', '') and o.lane <= latest and o.head is null
      and o.behind = 0 and o.since < at - :remembered_days * interval '1 day'
      and not exists (
        select from :schema.outbox_change c where c.lane = o.lane and c.ended_at is null
      )
    for update skip locked
  );
  delete from :schema.outbox_gate g
  where g.lane in (
    select o.lane from :schema.outbox_gate o
    where o.lane > coalesce(input ->> 'after', '') and o.lane <= latest
      and o.passed_at < at - interval '1 hour'
    for update skip locked
  );
  -- Of a key that sends nothing. Its slots are made again when it does.
  delete from :schema.outbox_slot s
  where s.key in (
    select o.key from :schema.outbox_slot o
    group by o.key having max(o.free_at) < at - interval '1 minute'
  );
  delete from :schema.outbox_circuit c
  where c.paused_by is null and not c.has_aside and c.fault_at < at - interval '1 day';
  delete from :schema.outbox_worker w
  where w.dead_at < at - interval '1 day'
    and not exists (
      select from :schema.outbox_lane l
      where l.era = :schema.outbox_lanes_era() and l.worker = w.id
    );
  return jsonb_build_object('after', latest, 'isMore', deleted = most);
end $$;
