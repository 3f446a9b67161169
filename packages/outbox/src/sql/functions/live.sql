-- A worker enters, and shows that it lives.

create or replace function :schema.outbox_enter(input jsonb) returns jsonb
language plpgsql :briefly as $$
declare at timestamptz := :schema.outbox_clock();
begin
  insert into :schema.outbox_worker
    (id, host, pid, lock, session, capacity, entered_at, seen_at, era)
  select x.id, x.host, x.pid, x.lock, x.session, x.capacity, at, at, :schema.outbox_latest_era()
  from jsonb_to_record(input)
    as x(id uuid, host text, pid int, lock bigint, session boolean, capacity int);
  return 'true';
end $$;

-- Answers whether it is not declared dead.
create or replace function :schema.outbox_renew(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare me uuid := input ->> 'worker';
begin
  -- A clock that was set back is found by what was seen before: the dispatcher sets that back first.
  update :schema.outbox_worker w set seen_at = greatest(w.seen_at, :schema.outbox_clock())
  where w.era = :schema.outbox_latest_era() and w.id = me and w.dead_at is null;
  if not found then
    -- An era may have begun as this waited.
    update :schema.outbox_worker w set seen_at = greatest(w.seen_at, :schema.outbox_clock())
    where w.id = me and w.dead_at is null;
  end if;
  return to_jsonb(found);
end $$;
