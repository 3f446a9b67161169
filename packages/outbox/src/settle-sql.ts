import { graceMs } from './permit.ts';
import { boardOf, changesQueue, laterQueue, planning, type Names } from './schema.ts';

// A worker that is stopped keeps its session, so its silence alone has to do.
const stallMs = 3000;
// The request of a dead worker may still be under way: a window to arrive in, and one to rest.
const orphanedSlotMs = 2002;

/** The functions that write ends down and find dead workers. */
export const settleFunctions = ({ schema, jobs, later }: Names) => `
-- Lets the next change of each lane go on, where it was put aside.
create or replace function ${schema}.outbox_next(lanes text[]) returns void
language sql as $$
  update ${schema}.${jobs} j set blocked = false
  from (
    select (
      select n.id from ${schema}.${jobs} n
      where n.name = '${changesQueue}' and n.singleton_key = lane and n.state < 'active'
      order by n.created_on, n.id limit 1
    ) as id
    from unnest(lanes) lane
  ) n
  where j.name = '${changesQueue}' and j.id = n.id and j.blocked and j.state = 'created'
$$;

-- Gives slots back. A slot rests by the clock of the database, from when its answer was there:
-- that long ago at least, as the holder's clock has measured.
create or replace function ${schema}.outbox_release(releases jsonb) returns void
language plpgsql ${planning} as $$
begin
  with given as (
    select * from jsonb_to_recordset(releases)
      as x(key text, slot int, token bigint, "ageMs" float8, "restMs" float8, "pauseMs" float8)
  ),
  freed as (
    update ${schema}.outbox_slot s
    set free_at = clock_timestamp() + (g."restMs" - g."ageMs") * interval '1 ms', worker = null
    from given g
    where s.key = g.key and s.slot = g.slot and s.token = g.token
    returning 1
  )
  update ${schema}.outbox_budget b
  set paused_until = greatest(b.paused_until, clock_timestamp() + p.pause * interval '1 ms'),
    limited = b.limited + p.limited,
    sent = b.sent - p.unsent
  from (
    select key, max("pauseMs") as pause, count(*) filter (where "pauseMs" > 0) as limited,
      count(*) filter (where "restMs" = 0) as unsent
    from given group by key having max("pauseMs") > 0 or min("restMs") = 0
  ) p
  where b.key = p.key;
end $$;

-- Writes down how claims ended. What this worker no longer holds stays as it is.
create or replace function ${schema}.outbox_settle(me uuid, endings jsonb, releases jsonb)
returns uuid[] language plpgsql ${planning} as $$
declare
  at timestamptz;
  held uuid[];
  free_lanes text[];
begin
  -- Losing this with the power costs a look at the ticket, and no second message: the attempt
  -- stays. It is not worth a wait for the disk while others wait for the board.
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(${boardOf(schema)});
  at := clock_timestamp();
  perform ${schema}.outbox_release(releases);

  with given as materialized (
    select * from jsonb_to_recordset(endings)
      as x(id uuid, fence int, kind text, reason text, state text, "delayMs" float8, doubt text)
  ),
  ended as (
    update ${schema}.${jobs} j
    set state = (case g.kind
        when 'done' then 'completed' when 'dropped' then 'cancelled'
        when 'retry' then 'retry' else 'failed' end)::${schema}.job_state,
      blocked = g.kind = 'retry',
      completed_on = case when g.kind = 'retry' then null else at end,
      start_after = case when g.kind = 'retry' then at else j.start_after end,
      -- A failed change holds its ticket: it must not vanish and let the others pass.
      deletion_seconds = case when g.kind in ('dead', 'unknown') then 0 else j.deletion_seconds end,
      output = jsonb_strip_nulls(jsonb_build_object('kind', g.kind, 'reason', g.reason))
    from given g
    where j.name = '${changesQueue}' and j.id = g.id and j.state = 'active'
      and j.retry_count = g.fence
      and exists (select from ${schema}.outbox_attempt a where a.job = g.id and a.worker = me)
    returning j.id, j.singleton_key as lane, g.kind, g.state, g."delayMs", g.doubt
  ),
  finished as (
    delete from ${schema}.outbox_attempt a using ended e
    where a.job = e.id and e.kind in ('done', 'dropped', 'dead')
  ),
  waiting as (
    update ${schema}.outbox_attempt a
    set worker = null,
      doubt_since = case e.doubt when 'anew' then at when 'as-before' then a.doubt_since end,
      retry_at = case when e.kind = 'retry' then at + coalesce(e."delayMs", 0) * interval '1 ms' end
    from ended e
    where a.job = e.id and e.kind in ('retry', 'unknown')
  ),
  tickets as (
    insert into ${schema}.outbox_ticket as t (lane, state, seen_at)
    select lane, state, at from ended where state is not null
    on conflict (lane) do update set state = excluded.state, seen_at = excluded.seen_at
  ),
  -- A timer that was set for a state the ticket has left is pointless.
  timers as (
    update ${schema}.${later} t
    set state = 'cancelled', completed_on = at,
      output = jsonb_build_object('kind', 'dropped', 'reason', 'The ticket moved on.')
    from ended e
    where e.state is not null and t.singleton_key = e.lane and t.state < 'active'
      and t.data ->> 'whileIn' <> e.state
  )
  select array_agg(id), array_agg(lane) filter (where kind in ('done', 'dropped'))
  into held, free_lanes from ended;

  perform ${schema}.outbox_next(free_lanes);
  return coalesce(held, '{}');
end $$;

-- Gives up workers that are gone: each once, and its changes go back in the same transaction.
create or replace function ${schema}.outbox_sweep(me uuid)
returns table (worker uuid, changes bigint) language plpgsql ${planning} as $$
declare
  at timestamptz;
  gone record;
begin
  -- Asked without the board first: mostly there is nothing to do.
  if not exists (
    select from ${schema}.outbox_worker w
    where w.dead_at is null and w.id <> me
      and w.seen_at < clock_timestamp() - ${graceMs} * interval '1 ms'
  ) then return; end if;
  perform pg_advisory_xact_lock(${boardOf(schema)});
  at := clock_timestamp();
  for gone in
    select w.* from ${schema}.outbox_worker w
    where w.dead_at is null and w.id <> me and w.seen_at < at - ${graceMs} * interval '1 ms'
  loop
    continue when gone.seen_at >= at - ${stallMs} * interval '1 ms'
      and not (gone.session and pg_try_advisory_xact_lock(gone.lock));
    worker := gone.id;
    changes := ${schema}.outbox_give_up(gone.id, at, gone.seen_at + ${graceMs} * interval '1 ms');
    if changes is not null then return next; end if;
  end loop;
end $$;

-- Marks a worker dead, and gives back what it held, in doubt since its permit ended.
create or replace function ${schema}.outbox_give_up(who uuid, at timestamptz, since timestamptz)
returns bigint language plpgsql ${planning} as $$
declare given bigint;
begin
  perform pg_advisory_xact_lock(${boardOf(schema)});
  update ${schema}.outbox_worker w set dead_at = at where w.id = who and w.dead_at is null;
  if not found then return null; end if;
  with back as (
    update ${schema}.outbox_attempt a set worker = null, doubt_since = since
    where a.worker = who returning a.job
  ),
  jobs as (
    update ${schema}.${jobs} j set state = 'retry', blocked = false
    from back where j.name = '${changesQueue}' and j.id = back.job and j.state = 'active'
    returning 1
  )
  select count(*) into given from jobs;
  update ${schema}.outbox_slot s
  set worker = null, free_at = least(s.free_at, since + ${orphanedSlotMs} * interval '1 ms')
  where s.worker = who and s.free_at > at;
  return given;
end $$;

-- Moves changes whose time has come into their ticket's lane, behind what is there.
create or replace function ${schema}.outbox_promote() returns int
language plpgsql ${planning} as $$
declare
  due record;
  moved int := 0;
begin
  for due in
    select l.id, l.singleton_key as lane from ${schema}.${later} l
    where l.state < 'active' and l.start_after <= clock_timestamp()
    order by l.start_after limit 200 for update skip locked
  loop
    -- Whoever is accepting a change of this ticket comes first; the next round takes this one.
    continue when not pg_try_advisory_xact_lock(hashtextextended('${schema}/' || due.lane, 0));
    update ${schema}.job set name = '${changesQueue}', policy = 'key_strict_fifo',
      created_on = ${schema}.outbox_stamp(due.lane)
    where name = '${laterQueue}' and id = due.id;
    moved := moved + 1;
  end loop;
  return moved;
end $$;

-- The place of a change behind all that its ticket has: by the clock on the wall, as the clock of
-- the transaction may stand before that of one that was committed meanwhile.
create or replace function ${schema}.outbox_stamp(lane text) returns timestamptz
language sql volatile as $$
  select greatest(clock_timestamp(), (
    select max(j.created_on) + interval '1 microsecond' from ${schema}.${jobs} j
    where j.name = '${changesQueue}' and j.singleton_key = lane and j.state < 'active'
  ))
$$;

-- Takes back, tries again or gives up a change, if it is in one of the states.
create or replace function ${schema}.outbox_end(
  which uuid, states text[], target text, note jsonb
) returns boolean language plpgsql ${planning} as $$
declare lane text;
begin
  perform pg_advisory_xact_lock(${boardOf(schema)});
  update ${schema}.job j
  set state = target::${schema}.job_state, blocked = false,
    completed_on = case when target = 'retry' then null else clock_timestamp() end,
    deletion_seconds = (select q.deletion_seconds from ${schema}.queue q where q.name = j.name),
    output = note
  where j.name in ('${changesQueue}', '${laterQueue}') and j.id = which
    and j.state::text = any (states)
    -- What may have arrived can't be taken back.
    and (j.state <> 'retry' or not exists (
      select from ${schema}.outbox_attempt a where a.job = j.id and a.doubt_since is not null
    ))
  returning j.singleton_key into lane;
  if lane is null then return false; end if;
  if target = 'retry' then
    update ${schema}.outbox_attempt set attempts = 0, retry_at = null where job = which;
  else
    delete from ${schema}.outbox_attempt where job = which;
    perform ${schema}.outbox_next(array[lane]);
  end if;
  perform pg_notify('${schema}_wake', '');
  return true;
end $$;

-- Wakes what waits behind a change that somebody deleted or ended by other means.
create or replace function ${schema}.outbox_tidy() returns void
language plpgsql ${planning} as $$
begin
  perform pg_advisory_xact_lock(${boardOf(schema)});
  perform ${schema}.outbox_next((
    select array_agg(distinct j.singleton_key) from ${schema}.${jobs} j
    where j.name = '${changesQueue}' and j.blocked and j.state = 'created' and not exists (
      select from ${schema}.${jobs} b
      where b.name = '${changesQueue}' and b.singleton_key = j.singleton_key
        and b.state in ('active', 'retry', 'failed') and b.policy = 'key_strict_fifo'
    )
  ));
  update ${schema}.${jobs} j set blocked = false
  where j.name = '${changesQueue}' and j.blocked and j.state = 'retry' and not exists (
    select from ${schema}.outbox_attempt a where a.job = j.id and a.retry_at is not null
  );
  delete from ${schema}.outbox_attempt a where not exists (
    select from ${schema}.${jobs} j where j.name = '${changesQueue}' and j.id = a.job
      and j.state in ('active', 'retry', 'failed')
  );
  delete from ${schema}.outbox_worker where dead_at < clock_timestamp() - interval '1 day';
end $$;
`;
