-- Lets the next change of each lane go on, where it was put aside.
create or replace function :schema.outbox_next(lanes text[]) returns void
language sql as $$
  update :schema.:jobs j set blocked = false
  from (
    select (
      select n.id from :schema.:jobs n
      where n.name = 'changes' and n.singleton_key = lane and n.state < 'active'
      order by n.created_on, n.id limit 1
    ) as id
    from unnest(lanes) lane
  ) n
  where j.name = 'changes' and j.id = n.id and j.blocked and j.state = 'created'
$$;

-- Gives slots back. A slot cools down by the clock of the database, counted from its answer, whose
-- age the holder's clock has measured.
create or replace function :schema.outbox_release(releases jsonb) returns void
language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
begin
  with given as (
    select * from jsonb_to_recordset(releases)
      as x(key text, slot int, token bigint, "ageMs" float8, "cooldownMs" float8, "pauseMs" float8)
  ),
  freed as (
    update :schema.outbox_slot s
    set free_at = clock_timestamp() + (g."cooldownMs" - g."ageMs") * interval '1 ms', worker = null
    from given g
    where s.key = g.key and s.slot = g.slot and s.token = g.token
    returning 1
  )
  update :schema.outbox_budget b
  set paused_until = greatest(b.paused_until, clock_timestamp() + p.pause * interval '1 ms'),
    limited = b.limited + p.limited,
    sent = b.sent - p.unsent
  from (
    select key, max("pauseMs") as pause, count(*) filter (where "pauseMs" > 0) as limited,
      count(*) filter (where "cooldownMs" = 0) as unsent
    from given group by key having max("pauseMs") > 0 or min("cooldownMs") = 0
  ) p
  where b.key = p.key;
end $$;

-- Writes down how claims ended. Those that their worker no longer holds stay as they are. Returns
-- those whose end stands: written now, or by an earlier call whose answer was lost.
create or replace function :schema.outbox_end_claims(endings jsonb, releases jsonb)
returns uuid[] language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  at timestamptz;
  stands uuid[];
  free_lanes text[];
begin
  -- If the power fails before this is on disk, the attempt is still noted: the ticket is read, and
  -- nothing is sent twice. So others need not wait for the disk while this holds the dispatch lock.
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  at := clock_timestamp();
  perform :schema.outbox_release(releases);

  with given as materialized (
    select * from jsonb_to_recordset(endings)
      as x(life uuid, id uuid, fence int, kind text, reason text, state text, "delayMs" float8, doubt text,
        "isOutage" boolean)
  ),
  ended as (
    update :schema.:jobs j
    set state = cast(case g.kind
        when 'done' then 'completed' when 'dropped' then 'cancelled'
        when 'retry' then 'retry' else 'failed' end as :schema.job_state),
      blocked = g.kind = 'retry',
      completed_on = case when g.kind = 'retry' then null else at end,
      start_after = case when g.kind = 'retry' then at else j.start_after end,
      -- A failed change holds its ticket: it must not vanish and let the others pass.
      deletion_seconds = case when g.kind in ('dead', 'unknown') then 0 else j.deletion_seconds end,
      output = jsonb_strip_nulls(jsonb_build_object('kind', g.kind, 'reason', g.reason,
        'life', g.life, 'fence', g.fence))
    from given g
    where j.name = 'changes' and j.id = g.id and j.state = 'active'
      and j.retry_count = g.fence
      and exists (select from :schema.outbox_attempt a where a.job = g.id and a.worker = g.life)
    returning j.id, j.singleton_key as lane, g.kind, g.state, g."delayMs", g.doubt, g."isOutage"
  ),
  finished as (
    delete from :schema.outbox_attempt a using ended e
    where a.job = e.id and e.kind in ('done', 'dropped', 'dead')
  ),
  waiting as (
    update :schema.outbox_attempt a
    set worker = null, outages = a.outages + coalesce(e."isOutage", false)::int,
      doubt_since = case e.doubt when 'anew' then at when 'as-before' then a.doubt_since end,
      retry_at = case when e.kind = 'retry' then at + coalesce(e."delayMs", 0) * interval '1 ms' end
    from ended e
    where a.job = e.id and e.kind in ('retry', 'unknown')
  ),
  tickets as (
    insert into :schema.outbox_ticket as t (lane, state, seen_at)
    select lane, state, at from ended where state is not null
    on conflict (lane) do update set state = excluded.state, seen_at = excluded.seen_at
  ),
  -- A timer that was set for a state the ticket has left is pointless.
  timers as (
    update :schema.:later t
    set state = 'cancelled', completed_on = at,
      output = jsonb_build_object('kind', 'dropped', 'reason', 'The ticket moved on.')
    from ended e
    where e.state is not null and t.singleton_key = e.lane and t.state < 'active'
      and t.data ->> 'whileIn' <> e.state
  )
  select array_agg(lane) filter (where kind in ('done', 'dropped')) into free_lanes from ended;

  perform :schema.outbox_next(free_lanes);
  select array_agg(j.id) into stands
  from jsonb_to_recordset(endings) as x(life text, id uuid, fence text)
  join :schema.:jobs j on j.name = 'changes' and j.id = x.id
  where j.output ->> 'life' = x.life and j.output ->> 'fence' = x.fence;
  return coalesce(stands, '{}');
end $$;
