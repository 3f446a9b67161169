-- Declares workers dead: each once, and its changes go back in the same transaction.
create or replace function :schema.outbox_sweep(me uuid)
returns table (worker uuid, changes bigint) language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  at timestamptz;
  silent record;
  is_gone boolean;
begin
  -- Asked without the dispatch lock first: mostly there is nothing to do.
  if not exists (
    select from :schema.outbox_worker w
    where w.dead_at is null and w.id <> me
      and w.seen_at < clock_timestamp() - :grace_ms * interval '1 ms'
  ) then return; end if;
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  at := clock_timestamp();
  for silent in
    select w.* from :schema.outbox_worker w
    where w.dead_at is null and w.id <> me and w.seen_at < at - :grace_ms * interval '1 ms'
  loop
    is_gone := silent.session and pg_try_advisory_xact_lock(silent.lock);
    -- A paused worker (SIGSTOP) keeps its session, so silence alone must count as death.
    continue when not is_gone and silent.seen_at >= at - 3000 * interval '1 ms';
    worker := silent.id;
    changes := :schema.outbox_declare_dead(
      silent.id, at, silent.seen_at + :grace_ms * interval '1 ms', is_gone);
    if changes is not null then return next; end if;
  end loop;
end $$;

-- Declares a worker dead and gives its changes back, in doubt since its permit ended. A worker that
-- is only silent keeps its slots until their time is over: it may be paused right before it writes to
-- its socket, and write when it wakes.
create or replace function :schema.outbox_declare_dead(
  who uuid, at timestamptz, since timestamptz, is_gone boolean default true
) returns bigint language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare given bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  update :schema.outbox_worker w set dead_at = at where w.id = who and w.dead_at is null;
  if not found then return null; end if;
  with back as (
    update :schema.outbox_attempt a set worker = null, doubt_since = since
    where a.worker = who returning a.job
  ),
  jobs as (
    update :schema.:jobs j set state = 'retry', blocked = false
    from back where j.name = 'changes' and j.id = back.job and j.state = 'active'
    returning 1
  )
  select count(*) into given from jobs;
  -- The request of a dead worker may still be under way: one window to arrive in, one to cool down.
  update :schema.outbox_slot s
  set worker = null, free_at = least(s.free_at, since + 2002 * interval '1 ms')
  where is_gone and s.worker = who and s.free_at > at;
  return given;
end $$;

-- Moves changes whose time has come into their ticket's lane, behind what is there.
create or replace function :schema.outbox_promote() returns int
language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  due record;
  moved int := 0;
begin
  for due in
    select l.id, l.singleton_key as lane from :schema.:later l
    where l.state < 'active' and l.start_after <= clock_timestamp()
    order by l.start_after limit 200 for update skip locked
  loop
    -- Whoever is accepting a change of this ticket comes first; the next round takes this one.
    continue when not pg_try_advisory_xact_lock(hashtextextended(':schema/' || due.lane, 0));
    update :schema.job set name = 'changes', policy = 'key_strict_fifo',
      created_on = :schema.outbox_stamp(due.lane)
    where name = 'later' and id = due.id;
    moved := moved + 1;
  end loop;
  return moved;
end $$;

-- The place of a change behind all that its ticket has: by the clock on the wall, as the clock of
-- the transaction may stand before that of one that was committed meanwhile.
create or replace function :schema.outbox_stamp(lane text) returns timestamptz
language sql volatile as $$
  select greatest(clock_timestamp(), (
    select max(j.created_on) + interval '1 microsecond' from :schema.:jobs j
    where j.name = 'changes' and j.singleton_key = lane and j.state < 'active'
  ))
$$;

-- Wakes what waits behind a change that somebody deleted or ended by other means.
create or replace function :schema.outbox_tidy() returns void
language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  perform :schema.outbox_next((
    select array_agg(distinct j.singleton_key) from :schema.:jobs j
    where j.name = 'changes' and j.blocked and j.state = 'created' and not exists (
      select from :schema.:jobs b
      where b.name = 'changes' and b.singleton_key = j.singleton_key
        and b.state in ('active', 'retry', 'failed') and b.policy = 'key_strict_fifo'
    )
  ));
  update :schema.:jobs j set blocked = false
  where j.name = 'changes' and j.blocked and j.state = 'retry' and not exists (
    select from :schema.outbox_attempt a where a.job = j.id and a.retry_at is not null
  );
  delete from :schema.outbox_attempt a where not exists (
    select from :schema.:jobs j where j.name = 'changes' and j.id = a.job
      and j.state in ('active', 'retry', 'failed')
  );
  delete from :schema.outbox_worker where dead_at < clock_timestamp() - interval '1 day';
end $$;
