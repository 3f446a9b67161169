-- Declares workers dead: each once, and its changes go back. Answers which, how many changes, and when
-- the next one can be dead at the earliest.
create or replace function :schema.outbox_sweep(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  me uuid := input ->> 'worker';
  at timestamptz;
  -- Asked without the dispatch lock first: mostly there is nothing to do.
  seen jsonb := :schema.outbox_swept(me, '[]');
  silent record;
  has_ended boolean;
  new_ones uuid[] := '{}';
begin
  if coalesce((seen ->> 'nextInMs')::float8, 1) > 0 then return seen; end if;
  at := :schema.outbox_lock();
  for silent in
    select w.* from :schema.outbox_worker w
    where w.era = :schema.outbox_latest_era() and w.dead_at is null and w.id <> me
      and w.seen_at < at - :grace_ms * interval '1 ms'
    -- One that renews right now lives.
    for no key update skip locked
  loop
    -- A restart of the server ends all sessions: then it tells nothing about their processes.
    has_ended := silent.session and silent.seen_at > pg_postmaster_start_time()
      and :schema.outbox_is_unlocked(silent.lock);
    -- A paused worker (SIGSTOP) keeps its session, so silence alone must count as death.
    continue when not has_ended and silent.seen_at >= at - interval '3 seconds';
    update :schema.outbox_worker w
    set dead_at = at, held_until = silent.seen_at + :grace_ms * interval '1 ms',
      is_gone = has_ended
    where w.era = silent.era and w.id = silent.id;
    new_ones := new_ones || silent.id;
  end loop;
  return :schema.outbox_swept(me, :schema.outbox_give_back(new_ones));
end $$;

-- A worker that was seen lately need not be looked at before its silence has become too long.
create or replace function :schema.outbox_swept(me uuid, dead jsonb) returns jsonb
language sql volatile as $$
  select jsonb_build_object('dead', dead, 'nextInMs', (
    select :schema.outbox_ms(min(d.due_at)) from (
      select greatest(w.seen_at + :grace_ms * interval '1 ms' - :schema.outbox_clock(), '0') as due_at
      from :schema.outbox_worker w
      where w.era = :schema.outbox_latest_era() and w.dead_at is null and w.id <> me
      union all
      select '0' from :schema.outbox_lane l join :schema.outbox_worker w on w.id = l.worker
      where l.era = :schema.outbox_lanes_era() and w.era = :schema.outbox_latest_era()
        and w.dead_at is not null
    ) d
  ))
$$;

-- Ends a worker, or all of them, and gives its changes back.
create or replace function :schema.outbox_leave(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare at timestamptz := :schema.outbox_lock();
begin
  update :schema.outbox_worker w
  set dead_at = at, is_gone = true,
    held_until = case when input ? 'worker' then at
      else least(at, w.seen_at + :grace_ms * interval '1 ms') end
  where w.dead_at is null and w.id = coalesce((input ->> 'worker')::uuid, w.id);
  return :schema.outbox_give_back('{}');
end $$;

-- Gives back what dead workers hold, in doubt since their permits ended. A worker that is only silent
-- keeps its slots until their time is over: it may be paused right before it writes to its socket,
-- and write when it wakes. What someone has locked by hand is given back by a later sweep.
create or replace function :schema.outbox_give_back(new_ones uuid[]) returns jsonb
language plpgsql as $$
declare result jsonb;
begin
  with dead as materialized (
    select w.id, w.held_until, w.is_gone, w.dead_at from :schema.outbox_worker w
    where w.era = :schema.outbox_latest_era() and w.dead_at is not null
  ),
  free as materialized (
    select l.lane, l.era from :schema.outbox_lane l
    join :schema.outbox_change c on c.id = l.head
    where l.era = :schema.outbox_lanes_era() and l.worker in (select d.id from dead d)
    for no key update of l, c skip locked
  ),
  before as materialized (
    select l.key, l.head, l.since, l.attempts, l.worker from :schema.outbox_lane l
    where (l.lane, l.era) in (select f.lane, f.era from free f)
  ),
  given as (
    update :schema.outbox_lane l
    set kind = 'retry', since = d.dead_at, is_ready = true, worker = null,
      doubt_since = d.held_until, reason = 'Its worker was lost.'
    from dead d, free f
    where l.worker = d.id and l.lane = f.lane and l.era = f.era
    returning d.id, l.head, l.since
  ),
  noted as (
    update :schema.outbox_change c
    set evidence = :schema.outbox_with_evidence(c.evidence,
      :schema.outbox_claim_evidence(b.since, b.attempts, b.worker)
      || :schema.outbox_evidence(g.since, 'worker lost', 'what it sent is in doubt'))
    from given g join before b on b.head = g.head
    where c.id = g.head
  ),
  -- The request of a dead worker may still be under way: one window to arrive in, one to cool down.
  slots as materialized (
    select s.key, s.slot from :schema.outbox_slot s
    where s.worker in (select d.id from dead d where d.is_gone) for no key update skip locked
  ),
  freed as (
    update :schema.outbox_slot s
    set worker = null, free_at = least(s.free_at, d.held_until + interval '2002 ms')
    from dead d, slots f
    where s.worker = d.id and s.key = f.key and s.slot = f.slot
  )
  select jsonb_build_object(
    'dead', coalesce(jsonb_agg(jsonb_build_object('worker', d.id, 'changes', d.count)), '[]'),
    'claims', (
      select jsonb_agg(jsonb_build_object('key', b.key, 'held_since', b.since)) from before b
    )
  )
  into result
  from (
    select d.id, (select count(*) from given g where g.id = d.id)::int as count from dead d
    where d.id = any (new_ones) or d.id in (select g.id from given g)
  ) d;
  if result ->> 'claims' is not null then
    perform :schema.outbox_lose_probes(result -> 'claims', :schema.outbox_clock());
  end if;
  return result -> 'dead';
end $$;
