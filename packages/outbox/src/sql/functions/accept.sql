-- Stores changes, in the transaction that calls it. With `xact` the caller means to be in one that it
-- has begun. Such a transaction has a number once it has written. So where there is none it gets one,
-- nothing is stored, and the caller asks again: without a transaction, that call finds none either.
create or replace function :schema.outbox_accept(input jsonb) returns jsonb
language plpgsql :safely as $$
declare
  at timestamptz;
  stored_count int;
  clash uuid;
begin
  if input ? 'xact' and pg_current_xact_id_if_assigned() is null then
    -- Processes of version 36 send it back.
    return jsonb_build_object('xact', pg_current_xact_id()::text);
  end if;
  -- In a transaction of its own it is called four times, and then tells who has locked the ticket. How
  -- long the caller's transaction waits is for the caller to say.
  if not input ? 'xact' and current_setting('lock_timeout') = '0' then
    perform set_config('lock_timeout', '2500ms', true);
  end if;
  perform :schema.outbox_hold_era();
  -- In the order of names, so that two transactions that accept the same tickets don't wait for each
  -- other.
  insert into :schema.outbox_gate (lane, passed_at)
  select g.lane, :schema.outbox_clock()
  from (
    select distinct one ->> 'lane' as lane from jsonb_array_elements(input -> 'changes') one
  ) g
  order by g.lane
  on conflict (lane) do update set passed_at = excluded.passed_at;
  at := :schema.outbox_clock();

  with given as (
    select (g.one ->> 'id')::uuid as id, g.one ->> 'lane' as lane, g.one -> 'change' as change,
      (g.one ->> 'priority')::int as priority, g.n,
      case when (g.one ->> 'notBefore')::timestamptz > at
        then (g.one ->> 'notBefore')::timestamptz end as due_at
    from jsonb_array_elements(input -> 'changes') with ordinality as g (one, n)
    order by n
  ),
  stored as (
    insert into :schema.outbox_change (id, lane, position, priority, change, accepted_at, due_at)
    select id, lane, case when due_at is null then nextval(':schema.outbox_position') end, priority,
      change, at, due_at
    from given
    -- Accepted before: once is enough, whatever became of it.
    on conflict (id) do nothing
    returning position, lane
  ),
  arrived as (
    insert into :schema.outbox_arrival (position, lane, since)
    select position, lane, at from stored where position is not null
  )
  select count(*) into stored_count from stored;

  -- Only then: a serializable transaction must not read what others write.
  if stored_count < jsonb_array_length(input -> 'changes') then
    select c.id into clash
    from jsonb_array_elements(input -> 'changes') g
    join :schema.outbox_change c on c.id = (g ->> 'id')::uuid
    where c.lane <> g ->> 'lane' or c.change <> g -> 'change';
    if clash is not null then
      raise exception 'Another change has the id %.', clash using errcode = 'TLOI1';
    end if;
  end if;
  perform pg_notify(':schema_wake', '');
  return jsonb_build_object('xact', pg_current_xact_id()::text, 'stored', true);
end $$;
