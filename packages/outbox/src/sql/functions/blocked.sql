-- The tickets whose changes do not go on, and why: each place where a change can stand.
--
-- place                     shown                                               its reason
-- head, dead or unknown     always                                              that of its end
-- head, tried again         always                                              that of its latest attempt
-- head, key paused          always                                              that of the pause
-- head, quiet               always                                              a request of the change before
-- head, waiting             after a minute, after ten seconds without a worker,  see below
--                           or as soon as a lock is known
-- head, under way           after a minute, or as soon as a lock is known       its delivery, or its worker
-- behind a head             with its head, which counts it
-- arrived, not admitted     as a head that waits                                see below
-- its time has come         as a head that waits; with its head, where there    see below
--                           is one that is shown
--
-- What waits in its turn waits for a session that has locked its row, or its key's; for one that keeps
-- the dispatcher out; for workers; for a slot: the first of these that is known is told.
--
-- `input` has stillMs, slots (how many a key has), and the lane, where only one is asked for.
create or replace function :schema.outbox_blocked(input jsonb) returns jsonb
language sql volatile :briefly as $$
  with now as materialized (
    select c.at, c.at - :schema.outbox_span((input ->> 'stillMs')::float8) as still,
      -- Without a worker nothing goes on: as long as it takes to know that there is none.
      c.at - interval '10 seconds' as idle
    from (select :schema.outbox_clock() as at offset 0) c
  ),
  dispatcher as materialized (select s.* from :schema.outbox_standstill() s),
  holders as materialized (select h.* from :schema.outbox_row_holders() h),
  held_slots as materialized (
    select distinct on (s.key) s.key, h.said
    from holders h join :schema.outbox_slot s on s.xmax::text = h.xid
    order by s.key
  ),
  pauses as materialized (
    select c.key, c.since, 'Its key is paused. ' || c.reason as said
    from :schema.outbox_circuit c where c.paused_by is not null
  ),
  heads as materialized (
    select l.lane, l.key, l.head as id, l.kind, l.reason, l.since, l.position, l.worker,
      l.is_ready or l.is_aside or coalesce(l.retry_at <= now.at, false) as is_open,
      l.kind = 'waiting' and coalesce(l.quiet_at > now.at, false) as is_quiet,
      (
        select h.said from holders h
        where l.kind in ('waiting', 'retry', 'active') and h.xid = l.xmax::text
          or l.kind = 'active'
          and h.xid = (select c.xmax::text from :schema.outbox_change c where c.id = l.head)
          or l.kind = 'waiting'
          and h.xid in (select b.xmax::text from :schema.outbox_budget b where b.key = l.key)
        limit 1
      ) as held,
      p.said as pause, p.since as paused_since
    from now, :schema.outbox_lane l
    left join pauses p on p.key = l.key and l.kind in ('waiting', 'retry')
    where l.head is not null and (input ->> 'lane' is null or l.lane = input ->> 'lane')
  ),
  shown_heads as materialized (
    select h.* from heads h, now, dispatcher d
    where h.kind in ('dead', 'unknown', 'retry') or h.pause is not null or h.is_quiet
      or h.held is not null or h.since < now.still
      or h.kind = 'waiting' and (d.is_certain or d.said is not null and h.since < now.idle)
  ),
  -- What no worker has let in yet: of a ticket without a head, or whose time has come.
  outside as materialized (
    select a.lane, c.id, coalesce(a.since, c.accepted_at) as since, a.position, c.accepted_at,
      (
        select h.said from holders h
        where h.xid = a.xmax::text or h.xid in (
          select l.xmax::text from :schema.outbox_lane l where l.lane = a.lane
        )
        limit 1
      ) as held,
      'It was accepted, and the dispatcher has not let it in: look for errors of the workers.' as said
    from :schema.outbox_arrival a
    join :schema.outbox_change c on c.lane = a.lane and c.position = a.position
    where c.ended_at is null and (input ->> 'lane' is null or a.lane = input ->> 'lane')
      and not exists (
        select from :schema.outbox_lane l where l.lane = a.lane and l.head is not null
      )
    union all
    select c.lane, c.id, c.due_at, null, c.accepted_at,
      (
        select h.said from holders h
        where h.xid = c.xmax::text or h.xid in (
          select g.xmax::text from :schema.outbox_gate g where g.lane = c.lane
        )
        limit 1
      ),
      'Its time has come, and the dispatcher has not let it in: look for errors of the workers.'
    from now, :schema.outbox_change c
    where c.due_at <= now.at and (input ->> 'lane' is null or c.lane = input ->> 'lane')
  ),
  tickets as materialized (
    select distinct on (o.lane) o.*, split_part(o.lane, '/', 1) as key,
      count(*) over (partition by o.lane) as count
    from outside o
    where o.lane not in (select h.lane from shown_heads h)
    order by o.lane, o.position nulls last, o.since
  ),
  all_shown as (
    select h.lane, h.key, h.id, case
        when h.pause is not null then 'paused'
        when h.kind = 'retry' then 'retrying'
        when h.kind = 'active' then 'underWay'
        else h.kind end as kind,
      case
        when h.pause is not null then h.pause
        when h.kind in ('dead', 'unknown') then coalesce(h.reason, 'no reason was given')
        when h.held is not null then h.held
        when h.kind = 'retry' and h.is_open and d.said is not null
          then concat_ws(' Its latest attempt: ', d.said, h.reason)
        when h.kind = 'retry' then coalesce(h.reason, 'It waits for its next attempt.')
        when h.kind = 'active' then coalesce(
          (
            select 'Its worker has not been seen for ' || :schema.outbox_seconds(now.at - w.seen_at)
              || ', and no other one gives it back.'
            from :schema.outbox_worker w
            where w.id = h.worker and w.seen_at < now.at - interval '10 seconds' limit 1
          ),
          'A delivery of it has been under way for long.'
        )
        when h.is_quiet then 'A request of the change before it may still be under way.'
      end as reason,
      coalesce(greatest(h.since, h.paused_since), h.since) as since,
      (
        select count(*) from :schema.outbox_change c
        where c.lane = h.lane and c.position > h.position and c.ended_at is null
      ) + (
        select count(*) from :schema.outbox_change c
        where c.lane = h.lane and c.position is null and c.due_at <= now.at
      ) as waiting,
      'Its turn has come, and no worker has taken it.' as otherwise
    from shown_heads h, now, dispatcher d
    union all
    select t.lane, t.key, t.id, case when p.key is not null then 'paused' else 'waiting' end,
      coalesce(p.said, t.held), coalesce(greatest(t.since, p.since), t.since), t.count - 1, t.said
    from now, dispatcher d, tickets t
    left join pauses p using (key)
    where p.key is not null or t.held is not null or d.is_certain or t.since < now.still
      or d.said is not null and t.since < now.idle
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'key', s.key, 'ticketId', substr(s.lane, length(s.key) + 2), 'by', s.id, 'kind', s.kind,
    'reason', coalesce(
      s.reason,
      (select h.said from held_slots h where h.key = s.key),
      d.said,
      (
        select 'Its key sends nothing for '
          || :schema.outbox_seconds(b.paused_until - now.at) || ' more: the API has answered 429.'
        from :schema.outbox_budget_of(s.key) b where b.paused_until > now.at
      ),
      (
        select 'All slots of its key are in use.' from :schema.outbox_slot t
        where t.key = s.key and t.free_at > now.at
        having count(*) >= (input ->> 'slots')::int
      ),
      s.otherwise
    ),
    'since', s.since, 'waiting', s.waiting
  ) order by s.since), '[]')
  from all_shown s, now, dispatcher d
$$;
