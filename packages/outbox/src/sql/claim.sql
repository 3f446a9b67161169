-- Hands this worker changes whose turn has come and whose key has a slot, now or within the horizon.
-- Notes each attempt before anything is sent, so that a crash leaves a doubt and never a gap.
create or replace function :schema.outbox_claim(
  me uuid, most int, gap_ms float8, horizon_ms float8, hold_ms float8, timeout_ms float8,
  gather_ms float8, most_slots int, number bigint
) returns jsonb language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  at timestamptz := :schema.outbox_dispatch_lock(me);
  ahead timestamptz := at + horizon_ms * interval '1 ms';
  -- One call takes all slots that come free until the horizon, instead of one call for each.
  early interval := horizon_ms / 2 * interval '1 ms';
  workers int;
  first_at timestamptz;
  last_at timestamptz;
  gathered_at timestamptz;
  is_new boolean;
  busy int;
  mine int;
  result jsonb;
begin
  select count(*), min(w.entered_at), max(w.entered_at) into workers, first_at, last_at
  from :schema.outbox_worker w where w.dead_at is null and w.seen_at > at - interval '1 second';
  select count(*), count(*) filter (where a.worker = me) into busy, mine
  from :schema.outbox_attempt a where a.worker is not null;
  -- Processes that are started together wait for each other, so that each begins with its share.
  is_new := first_at > at - interval '1 second';
  if busy = 0 and is_new and last_at > at - gather_ms * interval '1 ms' then
    most := 0;
    gathered_at := last_at + gather_ms * interval '1 ms';
  end if;

  with due as (
    update :schema.outbox_attempt set retry_at = null where retry_at <= at returning job
  )
  update :schema.:jobs j set blocked = false from due
  where j.name = 'changes' and j.id = due.job and j.state = 'retry';

  -- Changes in doubt whose time is near. They may have half of the slots. The 600 ms say how early to
  -- reserve slots for them. Larger: their tickets settle sooner, but more of the budget stays unused.
  with doubtful as materialized (
    select j.group_id as key, count(*) as count
    from :schema.outbox_attempt a join :schema.:jobs j
      on j.name = 'changes' and j.id = a.job
    where a.retry_at <= at + 600 * interval '1 ms' and a.doubt_since is not null
    group by j.group_id
  ),
  served as materialized (
    select b.key, b.served_at, b.next_at, b.paused_until,
      case when b.kept_until > at then b.kept else 0 end as kept,
      coalesce(2 * (select d.count from doubtful d where d.key = b.key), 0) as doubtful,
      :schema.outbox_room(at, b.next_at, b.paused_until, gap_ms, horizon_ms) as pace
    from :schema.outbox_budget b
    where exists (
      select from :schema.:jobs j
      where j.group_id = b.key and j.state < 'active' and not j.blocked
    )
    order by b.served_at
    -- The other keys have their turn next.
    limit 200
  ),
  open as materialized (
    select s.*, f.slots, f.free_ats, f.later_at, k.all_kept,
      greatest(0, least(s.pace, coalesce(array_length(f.slots, 1), 0) - k.all_kept)) as room
    from served s
    cross join lateral (
      select count(*) as count,
        array_agg(x.slot order by x.free_at) filter (where x.free_at <= ahead) as slots,
        array_agg(x.free_at order by x.free_at) filter (where x.free_at <= ahead) as free_ats,
        min(x.free_at) filter (where x.free_at > ahead) as later_at
      -- A process with another limit may have made more of them.
      from :schema.outbox_slot x where x.key = s.key and x.slot <= most_slots
    ) f
    cross join lateral (
      select (s.kept + least(s.doubtful, f.count / 2))::int as all_kept
    ) k
  ),
  seen as materialized (
    select o.key, o.room, o.served_at, r.*
    from open o
    cross join lateral (
      select j.id, j.singleton_key as lane, j.priority, j.created_on,
        not exists (
          select from :schema.:jobs b
          where b.name = 'changes' and b.singleton_key = j.singleton_key
            and b.state in ('active', 'retry', 'failed') and b.policy = 'key_strict_fifo'
            and b.id <> j.id
        ) and (j.state = 'retry' or not exists (
          select from :schema.:jobs e
          where e.name = 'changes' and e.singleton_key = j.singleton_key
            and e.state < 'active' and (e.created_on, e.id) < (j.created_on, j.id)
        )) as is_head
      from :schema.:jobs j
      where j.group_id = o.key and j.state < 'active' and not j.blocked
      order by j.priority desc, j.created_on, j.id
      -- 8 more than there is room for, past those that wait for another of their ticket.
      limit o.room + 8
    ) r
  ),
  -- One in doubt is read before it is sent: with a second slot it need not wait in between. While
  -- its request may still be under way it is only read.
  heads as materialized (
    select s.*, n.needs, sum(n.needs) over turns - n.needs + 1 as place
    from seen s
    cross join lateral (
      select case when exists (
        select from :schema.outbox_attempt a
        where a.job = s.id and a.doubt_since <= at - timeout_ms * interval '1 ms'
      ) then 2 else 1 end as needs
    ) n
    where s.is_head
    window turns as (partition by s.key order by s.priority desc, s.created_on, s.id)
  ),
  ready as materialized (
    select h.id, h.key, h.lane, o.slots[h.place] as slot,
      case when h.place < o.room and h.needs = 2 then o.slots[h.place + 1] end as spare,
      (h.place - 1) * gap_ms * interval '1 ms' + max(greatest(
        o.next_at, at, o.free_ats[h.place] - (h.place - 1) * gap_ms * interval '1 ms'
      )) over (partition by h.key order by h.place) as send_at,
      least(h.place + h.needs - 1, o.room) as used,
      greatest(at, o.free_ats[h.place + 1]) as spare_at, h.place, h.served_at
    from heads h join open o using (key)
    where h.place <= o.room
  ),
  -- A worker takes its share at a time, so that the others have theirs; and never has more than
  -- twice that, so that not all is lost with it, and one that is slow does not keep others waiting.
  -- A fleet that has just begun takes more at a time: the first requests of a process are slow.
  picks as materialized (
    select r.* from ready r order by r.place, r.served_at
    limit (
      select greatest(0, least(most, ceil(2.0 * (count(*) + busy) / workers) - mine,
        case when not is_new then ceil(count(*)::float8 / workers) end))::int
      from ready
    )
  ),
  -- Changes behind another of their ticket are put aside where they fill up what is looked at.
  -- The end of that other one brings the next back.
  aside as (
    update :schema.:jobs j set blocked = true
    from seen s
    where j.name = 'changes' and j.id = s.id and not s.is_head and s.key in (
      select full_key.key from seen full_key
      group by full_key.key, full_key.room
      having count(*) = full_key.room + 8
        and count(*) filter (where full_key.is_head) <= full_key.room
    )
    returning 1
  ),
  sends as materialized (
    select key, slot, send_at from picks
    union all
    select key, spare, greatest(send_at + gap_ms * interval '1 ms', spare_at) from picks
    where spare is not null
  ),
  slots as (
    update :schema.outbox_slot s
    set free_at = p.send_at + hold_ms * interval '1 ms', worker = me,
      token = nextval(':schema.outbox_token')
    from sends p where s.key = p.key and s.slot = p.slot
    returning s.key, s.slot, s.token, p.send_at
  ),
  started as (
    update :schema.:jobs j
    set state = 'active', started_on = at, heartbeat_on = at,
      retry_count = case when j.started_on is null then j.retry_count else j.retry_count + 1 end
    from picks p
    where j.name = 'changes' and j.id = p.id
    returning j.id, j.retry_count, j.data
  ),
  attempts as (
    insert into :schema.outbox_attempt as a (job, worker, attempts, claimed_at, claim_number)
    select id, me, 1, at, number from picks
    on conflict (job) do update set worker = me, attempts = a.attempts + 1, retry_at = null,
      claim_number = number,
      claimed_at = case when a.doubt_since is null then at else a.claimed_at end
    returning a.job, a.attempts, a.outages, a.doubt_since, a.claimed_at
  ),
  budgets as (
    update :schema.outbox_budget b
    set served_at = at, sent = b.sent + n.sent, next_at = n.next_at
    from (
      select o.key, count(p.slot) as sent,
        coalesce(max(p.send_at) + gap_ms * interval '1 ms', o.next_at) as next_at
      from open o left join sends p using (key) group by o.key, o.next_at
    ) n
    where b.key = n.key
    returning b.key, b.next_at, b.paused_until
  )
  select jsonb_build_object(
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', p.id, 'fence', j.retry_count, 'change', j.data, 'key', p.key,
        'slots', (
          select jsonb_agg(jsonb_build_object('key', s.key, 'slot', s.slot, 'token', s.token,
            'delayMs', 1000 * extract(epoch from s.send_at - at)) order by s.send_at)
          from slots s where s.key = p.key and s.slot in (p.slot, p.spare)
        ),
        'attempt', a.attempts, 'outages', a.outages,
        'doubtMs', 1000 * extract(epoch from at - a.doubt_since),
        'doubtFromMs', case when a.doubt_since is not null
          then 1000 * extract(epoch from at - a.claimed_at) end,
        'state', t.state, 'stateAgeMs', 1000 * extract(epoch from at - t.seen_at)
      ) order by p.send_at), '[]')
      from picks p
      join started j using (id)
      join attempts a on a.job = p.id
      left join :schema.outbox_ticket t on t.lane = p.lane
    ),
    -- When a key with a change to send may send again. A worker that has its share is woken by the
    -- end of one of its own.
    'nextInMs', (
      select 1000 * extract(epoch from min(w.wake_at) - at) from (
        select greatest(b.paused_until, b.next_at - early,
          coalesce(o.free_ats[coalesce(max(p.used), 0) + o.all_kept + 1], o.later_at, at) - early
        ) as wake_at
        from open o
        join budgets b using (key)
        join heads h using (key)
        left join picks p on p.id = h.id
        where exists (select from picks) or not exists (select from ready)
        group by o.key, o.free_ats, o.later_at, o.all_kept, b.paused_until, b.next_at
        having count(h.id) > count(p.id)
        union all
        select gathered_at
        union all
        select at where (select count(*) from served) = 200
        union all
        select min(retry_at) from :schema.outbox_attempt where retry_at is not null
      ) w
    )
  ) into result;
  return result || jsonb_build_object('tookMs', :schema.outbox_since(at));
end $$;
