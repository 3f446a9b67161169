-- A worker enters, and shows that it lives.

create or replace function :schema.outbox_enter(input jsonb) returns jsonb
language plpgsql :safely as $$
declare at timestamptz := :schema.outbox_clock();
begin
  insert into :schema.outbox_worker
    (id, host, pid, lock, session, capacity, entered_at, seen_at)
  select x.id, x.host, x.pid, x.lock, x.session, x.capacity, at, at
  from jsonb_to_record(input)
    as x(id uuid, host text, pid int, lock bigint, session boolean, capacity int);
  return 'true';
end $$;

-- Answers whether it is not declared dead.
create or replace function :schema.outbox_renew(input jsonb) returns jsonb
language plpgsql :dispatching as $$
begin
  -- A clock that was set back is found by what was seen before: the dispatcher sets that back first.
  update :schema.outbox_worker set seen_at = greatest(seen_at, :schema.outbox_clock())
  where id = (input ->> 'worker')::uuid and dead_at is null;
  return to_jsonb(found);
end $$;
