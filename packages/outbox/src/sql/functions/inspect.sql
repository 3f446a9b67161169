-- What a person can see.

-- How many changes there are of each kind, of one key or of all. Counts lanes: what waits behind a
-- head is counted there, and what has arrived meanwhile is added.
create or replace function :schema.outbox_depth(input jsonb) returns jsonb
language sql volatile :briefly as $$
  with lanes as materialized (
    select l.* from :schema.outbox_lane l
    where l.head is not null and (input ->> 'key' is null or l.key = input ->> 'key')
  ),
  arrived as (
    select count(*) as count from :schema.outbox_arrival a
    where input ->> 'key' is null or split_part(a.lane, '/', 1) = input ->> 'key'
  )
  select jsonb_build_object(
    'waiting', count(*) filter (where l.kind = 'waiting') + coalesce(sum(l.behind), 0)
      + (select a.count from arrived a),
    'underWay', count(*) filter (where l.kind = 'active'),
    'retrying', count(*) filter (where l.kind = 'retry'),
    'later', (
      select count(*) from :schema.outbox_change c
      where c.due_at is not null
        and (input ->> 'key' is null or split_part(c.lane, '/', 1) = input ->> 'key')
    ),
    'dead', count(*) filter (where l.kind = 'dead'),
    'unknown', count(*) filter (where l.kind = 'unknown'),
    'oldestMs', coalesce(greatest(0, :schema.outbox_whole_ms(:schema.outbox_clock() - least(
      min(case when l.kind in ('waiting', 'retry') then l.accepted_at else (
        select n.accepted_at from :schema.outbox_first(l.lane, l.position) n where l.behind > 0
      ) end),
      (
        select min(c.accepted_at) from :schema.outbox_arrival a
        join :schema.outbox_change c on c.lane = a.lane and c.position = a.position
        where input ->> 'key' is null or split_part(a.lane, '/', 1) = input ->> 'key'
      )
    ))), 0),
    'oldestUnderWayMs', coalesce(greatest(0, :schema.outbox_whole_ms(:schema.outbox_clock()
      - min(l.since) filter (where l.kind = 'active'))), 0)
  ) from lanes l
$$;

-- The changes that need a person, and why.
create or replace function :schema.outbox_dead(input jsonb) returns jsonb
language sql volatile :briefly as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', c.id, 'change', c.change, 'kind', l.kind,
    'reason', coalesce(l.reason, 'no reason was given'),
    'acceptedAt', c.accepted_at, 'endedAt', l.since
  ) order by l.since), '[]')
  from :schema.outbox_lane l join :schema.outbox_change c on c.id = l.head
  where l.head is not null and l.kind in ('dead', 'unknown')
$$;

-- The changes that are still to be sent, behind an id, as many as wanted. By the index of ids, so that a
-- page costs what lies between its ends; it takes no lock.
create or replace function :schema.outbox_waiting(input jsonb) returns jsonb
language sql volatile :briefly set enable_seqscan = off set enable_bitmapscan = off
set enable_sort = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', p.id, 'change', p.change, 'notBefore', p.due_at
  ) order by p.id), '[]')
  from (
    select c.id, c.change, c.due_at from :schema.outbox_change c
    where c.id >= coalesce(input ->> 'after', '00000000-0000-0000-0000-000000000000')::uuid
      and c.id is distinct from (input ->> 'after')::uuid
      and c.ended_at is null
    order by c.id limit (input ->> 'most')::int
  ) p
$$;

-- What each key has used of its limit: of the keys that use most of it, where not all are wanted.
create or replace function :schema.outbox_budgets(input jsonb) returns jsonb
language sql volatile :briefly as $$
  with used as materialized (
    select t.key, count(*) as count
    from :schema.outbox_slot t, (select :schema.outbox_clock() as at offset 0) now
    where t.free_at > now.at group by t.key
  ),
  wanted as materialized (
    select b.*, coalesce(u.count, 0) as in_use
    from :schema.outbox_budget b left join used u using (key)
    order by coalesce(u.count, 0) desc, b.limited desc, b.key
    limit (input ->> 'most')::int
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'key', w.key, 'sent', w.sent, 'limited', w.limited, 'inUse', w.in_use,
    'pausedMs', greatest(0,
      coalesce(:schema.outbox_whole_ms(w.paused_until - :schema.outbox_clock()), 0))
  ) order by w.key), '[]')
  from wanted w
$$;

-- One change, whatever became of it.
create or replace function :schema.outbox_find(input jsonb) returns jsonb
language sql volatile :briefly as $$
  select jsonb_build_object(
    'id', c.id, 'change', c.change, 'acceptedAt', c.accepted_at, 'notBefore', c.due_at,
    'kind', coalesce(
      case when l.kind = 'active' then 'underWay' when l.kind = 'retry' then 'retrying'
        else l.kind end,
      c.kind, case when c.due_at is not null then 'later' else 'waiting' end
    ),
    'reason', coalesce(l.reason, c.reason), 'endedAt', c.ended_at,
    'attempts', coalesce(l.attempts, 0)
  )
  from :schema.outbox_change c
  left join :schema.outbox_lane l on l.lane = c.lane and l.head = c.id
  where c.id = (input ->> 'id')::uuid
$$;

-- Keys of which no change is handed out.
create or replace function :schema.outbox_paused(input jsonb) returns jsonb
language sql volatile :briefly as $$
  with arrived as materialized (
    select split_part(a.lane, '/', 1) as key, count(distinct a.lane) as count
    from :schema.outbox_arrival a
    where not exists (
      select from :schema.outbox_lane l where l.lane = a.lane and l.head is not null
    )
    group by 1
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'key', c.key, 'by', c.paused_by, 'reason', c.reason, 'since', c.since,
    'nextTryAt', c.next_try_at, 'tickets', coalesce(a.count, 0) + (
      select count(*) from :schema.outbox_lane l
      where l.key = c.key and l.head is not null and l.kind in ('waiting', 'retry')
    )
  ) order by c.since), '[]')
  from :schema.outbox_circuit c left join arrived a using (key) where c.paused_by is not null
$$;

-- All that is known of one change: of a claim that has not ended, too.
create or replace function :schema.outbox_why(input jsonb) returns jsonb
language sql volatile :briefly as $$
  select jsonb_build_object(
    'record', :schema.outbox_find(input),
    'evidence', :schema.outbox_evidence(c.accepted_at, 'accepted', null)
      || coalesce(c.evidence, '[]')
      || case when l.head = c.id and l.kind = 'active'
        then :schema.outbox_claim_evidence(l.since, l.attempts, l.worker) else '[]' end,
    'since', case when c.ended_at is not null and l.head is distinct from c.id then null
      when l.head = c.id then l.since
      when c.due_at <= :schema.outbox_clock() then c.due_at
      else coalesce((select a.since from :schema.outbox_arrival a where a.position = c.position),
        c.accepted_at) end,
    'isDue', c.due_at <= :schema.outbox_clock(),
    'stands', (
      select b ->> 'reason'
      from jsonb_array_elements(:schema.outbox_blocked(input || jsonb_build_object('lane', c.lane))) b
      where b ->> 'by' = c.id::text
    ),
    'isInDoubt', l.head = c.id and l.doubt_since is not null,
    'behind', case when c.ended_at is null then (
      select count(*) from :schema.outbox_change b
      where b.lane = c.lane and b.position > c.position and b.ended_at is null
    ) else 0 end,
    'heldBy', case when l.head <> c.id and c.ended_at is null and c.due_at is null
      then l.head end,
    'pause', (
      select jsonb_build_object('by', p.paused_by, 'reason', p.reason)
      from :schema.outbox_circuit p
      where p.key = split_part(c.lane, '/', 1) and p.paused_by is not null
    )
  )
  from :schema.outbox_change c
  left join :schema.outbox_lane l on l.lane = c.lane
  where c.id = (input ->> 'id')::uuid
$$;
