import { boardOf, changesQueue, fencedCode, planning, type Names } from './schema.ts';

// How far beyond the free slots a key's changes are looked at, past those that wait for another.
const lookahead = 8;

// How many keys are served at once; the others have their turn next.
const mostKeys = 200;

/** The functions that hand out changes and slots. */
export const claimFunctions = ({ schema, jobs }: Names) => `
-- Makes sure that keys have their slots.
create or replace function ${schema}.outbox_keys(keys text[], slots int) returns void
language sql as $$
  insert into ${schema}.outbox_budget (key) select unnest(keys) on conflict do nothing;
  insert into ${schema}.outbox_slot (key, slot)
  select k, n from unnest(keys) k cross join generate_series(1, slots) n
  where not exists (select from ${schema}.outbox_slot s where s.key = k and s.slot = n)
  on conflict do nothing;
$$;

-- Takes the board: from here to the end of the transaction nobody else hands out or settles.
create or replace function ${schema}.outbox_board(me uuid) returns timestamptz
language plpgsql as $$
declare at timestamptz;
begin
  perform pg_advisory_xact_lock(${boardOf(schema)});
  at := clock_timestamp();
  update ${schema}.outbox_worker set seen_at = at where id = me and dead_at is null;
  if not found then
    raise exception 'This worker was given up.' using errcode = '${fencedCode}';
  end if;
  return at;
end $$;

-- How many requests the pace allows a key now, and from when on they are due.
create or replace function ${schema}.outbox_room(
  at timestamptz, next_at timestamptz, paused_until timestamptz, gap_ms float8, horizon_ms float8
) returns int language sql immutable as $$
  select case
    when paused_until > at or next_at > at + horizon_ms * interval '1 ms' then 0
    when gap_ms = 0 then 1000000
    else 1 + floor((horizon_ms - 1000 * extract(epoch from greatest(next_at, at) - at)) / gap_ms)::int
  end
$$;

-- Hands this worker changes whose turn has come and whose key has a slot; writes the attempt down
-- before anything is sent.
create or replace function ${schema}.outbox_claim(
  me uuid, most int, gap_ms float8, horizon_ms float8, hold_ms float8
) returns jsonb language plpgsql ${planning} as $$
declare
  at timestamptz := ${schema}.outbox_board(me);
  result jsonb;
begin
  with due as (
    update ${schema}.outbox_attempt set retry_at = null where retry_at <= at returning job
  )
  update ${schema}.${jobs} j set blocked = false from due
  where j.name = '${changesQueue}' and j.id = due.job and j.state = 'retry';

  with served as materialized (
    select b.key, b.served_at, b.next_at, b.paused_until,
      ${schema}.outbox_room(at, b.next_at, b.paused_until, gap_ms, horizon_ms) as pace
    from ${schema}.outbox_budget b
    where exists (
      select from ${schema}.${jobs} j
      where j.group_id = b.key and j.state < 'active' and not j.blocked
    )
    order by b.served_at
    limit ${mostKeys}
  ),
  open as materialized (
    select s.*, f.slots, f.free_at, least(s.pace, coalesce(array_length(f.slots, 1), 0)) as room
    from served s
    cross join lateral (
      select array_agg(x.slot order by x.free_at) filter (where x.free_at <= at) as slots,
        min(x.free_at) as free_at
      from ${schema}.outbox_slot x where x.key = s.key
    ) f
  ),
  seen as materialized (
    select o.key, o.room, o.served_at, r.*
    from open o
    cross join lateral (
      select j.id, j.singleton_key as lane, j.priority, j.created_on,
        not exists (
          select from ${schema}.${jobs} b
          where b.name = '${changesQueue}' and b.singleton_key = j.singleton_key
            and b.state in ('active', 'retry', 'failed') and b.policy = 'key_strict_fifo'
            and b.id <> j.id
        ) and (j.state = 'retry' or not exists (
          select from ${schema}.${jobs} e
          where e.name = '${changesQueue}' and e.singleton_key = j.singleton_key
            and e.state < 'active' and (e.created_on, e.id) < (j.created_on, j.id)
        )) as is_head
      from ${schema}.${jobs} j
      where j.group_id = o.key and j.state < 'active' and not j.blocked
      order by j.priority desc, j.created_on, j.id
      limit o.room + ${lookahead}
    ) r
  ),
  heads as materialized (
    select s.*, row_number() over (partition by s.key order by s.priority desc, s.created_on, s.id) as turn
    from seen s where s.is_head
  ),
  picks as materialized (
    select h.*, o.slots[h.turn] as slot,
      greatest(o.next_at, at) + (h.turn - 1) * gap_ms * interval '1 ms' as send_at
    from heads h join open o using (key)
    where h.turn <= o.room
    order by h.turn, h.served_at
    limit most
  ),
  -- Changes behind another of their ticket are put aside where they fill up what is looked at.
  -- Settling that other one brings the next back.
  aside as (
    update ${schema}.${jobs} j set blocked = true
    from seen s
    where j.name = '${changesQueue}' and j.id = s.id and not s.is_head and s.key in (
      select full_key.key from seen full_key
      group by full_key.key, full_key.room
      having count(*) = full_key.room + ${lookahead}
        and count(*) filter (where full_key.is_head) <= full_key.room
    )
    returning 1
  ),
  slots as (
    update ${schema}.outbox_slot s
    set free_at = p.send_at + hold_ms * interval '1 ms', worker = me,
      token = nextval('${schema}.outbox_token')
    from picks p where s.key = p.key and s.slot = p.slot
    returning s.key, s.slot, s.token
  ),
  started as (
    update ${schema}.${jobs} j
    set state = 'active', started_on = at, heartbeat_on = at,
      retry_count = case when j.started_on is null then j.retry_count else j.retry_count + 1 end
    from picks p
    where j.name = '${changesQueue}' and j.id = p.id
    returning j.id, j.retry_count, j.data
  ),
  attempts as (
    insert into ${schema}.outbox_attempt as a (job, worker, attempts)
    select id, me, 1 from picks
    on conflict (job) do update set worker = me, attempts = a.attempts + 1, retry_at = null
    returning a.job, a.attempts, a.doubt_since
  ),
  budgets as (
    update ${schema}.outbox_budget b
    set served_at = at, sent = b.sent + n.sent, next_at = n.next_at
    from (
      select o.key, count(p.id) as sent,
        coalesce(max(p.send_at) + gap_ms * interval '1 ms', o.next_at) as next_at
      from open o left join picks p using (key) group by o.key, o.next_at
    ) n
    where b.key = n.key
    returning b.key, b.next_at, b.paused_until
  )
  select jsonb_build_object(
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', p.id, 'fence', j.retry_count, 'change', j.data, 'key', p.key, 'slot', s.slot,
        'token', s.token, 'delayMs', greatest(0, 1000 * extract(epoch from p.send_at - at)),
        'attempt', a.attempts,
        'doubtMs', 1000 * extract(epoch from at - a.doubt_since),
        'state', t.state, 'stateAgeMs', 1000 * extract(epoch from at - t.seen_at)
      ) order by p.send_at), '[]')
      from picks p
      join started j using (id)
      join slots s on s.key = p.key and s.slot = p.slot
      join attempts a on a.job = p.id
      left join ${schema}.outbox_ticket t on t.lane = p.lane
    ),
    -- When a key with a change to send may send again.
    'nextInMs', (
      select 1000 * extract(epoch from min(w.wake_at) - clock_timestamp()) from (
        select greatest(b.paused_until, b.next_at - horizon_ms * interval '1 ms', case
          when coalesce(array_length(o.slots, 1), 0) > count(p.id) then at
          else (
            select min(x.free_at) from ${schema}.outbox_slot x
            where x.key = o.key and x.slot <> all (coalesce(array_agg(p.slot) filter (where p.slot is not null), '{}'))
          )
        end) as wake_at
        from open o
        join budgets b using (key)
        join heads h using (key)
        left join picks p on p.id = h.id
        group by o.key, o.slots, b.paused_until, b.next_at
        having count(h.id) > count(p.id)
        union all
        select at where (select count(*) from served) = ${mostKeys}
        union all
        select min(retry_at) from ${schema}.outbox_attempt where retry_at is not null
      ) w
    )
  ) into result;
  return result;
end $$;

-- Hands out slots for requests beside the claimed changes.
create or replace function ${schema}.outbox_take(
  me uuid, wants jsonb, gap_ms float8, horizon_ms float8, hold_ms float8, slots int
) returns jsonb language plpgsql ${planning} as $$
declare
  at timestamptz;
  want record;
  budget record;
  place record;
  taken jsonb := '[]';
  wake_at timestamptz;
  given int;
  due_at timestamptz;
  mark bigint;
begin
  perform ${schema}.outbox_keys((select array_agg(k) from jsonb_object_keys(wants) k), slots);
  perform pg_advisory_xact_lock(${boardOf(schema)});
  at := clock_timestamp();
  for want in select w.key, w.value::int as count from jsonb_each_text(wants) w loop
    select b.* into budget from ${schema}.outbox_budget b where b.key = want.key;
    given := 0;
    due_at := greatest(budget.next_at, at);
    for place in
      select s.slot from ${schema}.outbox_slot s where s.key = want.key and s.free_at <= at
      order by s.free_at
      limit least(want.count, ${schema}.outbox_room(
        at, budget.next_at, budget.paused_until, gap_ms, horizon_ms))
    loop
      update ${schema}.outbox_slot s
      set free_at = due_at + hold_ms * interval '1 ms', worker = me,
        token = nextval('${schema}.outbox_token')
      where s.key = want.key and s.slot = place.slot
      returning s.token into mark;
      taken := taken || jsonb_build_object('key', want.key, 'slot', place.slot, 'token', mark,
        'delayMs', greatest(0, 1000 * extract(epoch from due_at - at)));
      given := given + 1;
      due_at := due_at + gap_ms * interval '1 ms';
    end loop;
    if given > 0 then
      update ${schema}.outbox_budget b set sent = b.sent + given, next_at = due_at
      where b.key = want.key;
    end if;
    if given < want.count then
      wake_at := least(wake_at, greatest(
        budget.paused_until,
        case when given > 0 then due_at else budget.next_at end - horizon_ms * interval '1 ms',
        (select min(s.free_at) from ${schema}.outbox_slot s where s.key = want.key)
      ));
    end if;
  end loop;
  return jsonb_build_object('slots', taken,
    'nextInMs', greatest(0, 1000 * extract(epoch from wake_at - clock_timestamp())));
end $$;
`;
