-- What has arrived enters its lane. Under the dispatch lock.

-- Lets changes whose time has come arrive, behind what their ticket has.
create or replace function :schema.outbox_promote(at timestamptz) returns void
language plpgsql as $$
begin
  with due as materialized (
    select c.id, c.due_at, c.accepted_at from :schema.outbox_change c
    -- Whoever is accepting a change of this ticket comes first; a later round takes this one.
    left join lateral (
      select true as is_open from :schema.outbox_gate g where g.lane = c.lane
      for no key update skip locked
    ) g on true
    where c.due_at <= at and (
      g.is_open or not exists (select from :schema.outbox_gate o where o.lane = c.lane)
    )
    order by c.due_at limit 200 for no key update of c skip locked
  ),
  placed as materialized (
    select d.id, d.due_at, nextval(':schema.outbox_position') as position
    from (select * from due order by due_at, accepted_at, id) d
  ),
  promoted as (
    update :schema.outbox_change c set due_at = null, position = p.position
    from placed p where c.id = p.id
    returning c.position, c.lane, p.due_at as since
  )
  insert into :schema.outbox_arrival (position, lane, since)
  select position, lane, since from promoted;
end $$;

-- Returns how many have arrived; more may be left where it is a thousand.
create or replace function :schema.outbox_admit(at timestamptz) returns int
language plpgsql as $$
declare
  era record;
  arrived int := 0;
  taken int;
  most_arrived constant int := 1000;
begin
  if exists (select from :schema.outbox_change c where c.due_at <= at) then
    perform :schema.outbox_promote(at);
  end if;
  for era in
    select e.n, e.after, lead(e.n) over eras as next, lead(e.after) over eras as until
    from :schema.outbox_era e
    window eras as (order by e.n)
    order by e.n
  loop
    taken := :schema.outbox_admit_some(at, era.after, era.until, most_arrived - arrived);
    if taken = 0 and era.next is not null then
      perform :schema.outbox_close_era(era.n, era.next, era.after, era.until);
    end if;
    arrived := arrived + taken;
    exit when arrived = most_arrived;
  end loop;
  return arrived;
end $$;

-- Those of one era.
create or replace function :schema.outbox_admit_some(
  at timestamptz, place bigint, until bigint, most int
) returns int
language plpgsql as $$
declare
  arrived int;
  lanes_era bigint := :schema.outbox_lanes_era();
begin
  with first as materialized (
    select a.position, a.lane from :schema.outbox_arrival a
    where a.position > place and (until is null or a.position <= until)
    order by a.position limit most for update skip locked
  ),
  known as materialized (
    select l.lane, l.era, l.head, l.position as head_place, f.place
    from (select f.lane, min(f.position) as place from first f group by f.lane) f
    cross join lateral :schema.outbox_lane_of(f.lane) l
  ),
  -- The gate of a change was not seen, as it was made in the same transaction, when a timer of its
  -- ticket went through. So it has a place before the head of its lane, behind which nobody would find
  -- it. The head takes the first of their places, and each of the others the next one.
  late as materialized (
    select c.id, c.lane,
      case when c.id = k.head then min(c.position) over (partition by c.lane)
        else lead(c.position) over (partition by c.lane order by c.position) end as place
    from known k
    join :schema.outbox_change c
      on k.place < k.head_place
      and c.lane = k.lane and c.position >= k.place and c.position <= k.head_place
    where c.id = k.head or c.position in (select f.position from first f)
  ),
  movable as materialized (
    select c.id from :schema.outbox_change c where c.id in (select l.id from late l)
    for no key update skip locked
  ),
  -- A lane that someone has locked by hand is left for later.
  free as materialized (
    select l.lane from :schema.outbox_lane l
    where (l.lane, l.era) in (select k.lane, k.era from known k)
    for no key update skip locked
  ),
  taken as (
    delete from :schema.outbox_arrival a using first s
    where a.position = s.position and (
      s.lane in (select lane from free) or s.lane not in (select lane from known)
    ) and s.lane not in (select l.lane from late l where l.id not in (select m.id from movable m))
    returning a.lane, a.position, a.since
  ),
  moved as (
    update :schema.outbox_change c set position = l.place
    from late l where c.id = l.id and l.lane in (select t.lane from taken t)
  ),
  counted as materialized (
    select t.lane, count(*)::int as count, min(t.position) as place from taken t group by t.lane
  ),
  arriving as materialized (
    select c.lane, n.id as head, n.position, n.priority, n.accepted_at,
      case when n.id is not null then 'waiting' end as kind, n.id is not null as is_ready,
      c.count - (n.id is not null)::int as behind,
      coalesce((select t.since from taken t where t.position = n.position), n.accepted_at) as since
    from counted c
    left join lateral :schema.outbox_first(c.lane, :schema.outbox_last_turn(c.lane, c.place)) n on true
  ),
  went_on as (
    update :schema.outbox_lane l set
      era = lanes_era,
      behind = l.behind + a.behind + (l.head is not null and a.head is not null)::int,
      head = coalesce(l.head, a.head),
      position = case when l.head is null then a.position
        else coalesce((select o.place from late o where o.id = l.head), l.position) end,
      priority = case when l.head is null then a.priority else l.priority end,
      accepted_at = case when l.head is null then a.accepted_at else l.accepted_at end,
      kind = case when l.head is null then a.kind else l.kind end,
      since = case when l.head is null then a.since else l.since end,
      is_ready = case when l.head is null
        then a.is_ready and coalesce(l.quiet_at <= at, true) else l.is_ready end,
      retry_at = case when l.head is null
        then :schema.outbox_wait_for_quiet(a.head, l.quiet_at, at) else l.retry_at end
    from arriving a join known k using (lane)
    where l.lane = k.lane and l.era = k.era
  ),
  entered as (
    insert into :schema.outbox_lane
      (lane, era, key, head, position, priority, accepted_at, kind, since, is_ready, behind)
    select a.lane, lanes_era, split_part(a.lane, '/', 1), a.head, a.position, a.priority,
      a.accepted_at, a.kind, a.since, a.is_ready, a.behind
    from arriving a where a.lane not in (select k.lane from known k)
  )
  select count(*) into arrived from taken;
  return arrived;
end $$;

-- Until when a new head waits: as long as a request of an earlier one may be under way.
create or replace function :schema.outbox_wait_for_quiet(
  head uuid, quiet_at timestamptz, at timestamptz
) returns timestamptz language sql immutable as $$
  select case when head is not null and quiet_at > at then quiet_at end
$$;

-- The first change of a lane that has not ended, behind a place.
create or replace function :schema.outbox_first(which text, place bigint)
returns table (id uuid, "position" bigint, priority int, accepted_at timestamptz)
language sql stable as $$
  select c.id, c.position, c.priority, c.accepted_at from :schema.outbox_change c
  where c.lane = which and c.position > place and c.ended_at is null
  order by c.position limit 1
$$;

-- The place of the latest change of a lane that had its turn, before a place. All before that one has
-- ended. What was cancelled had no turn, and the arrival of an earlier one may still be locked by hand.
create or replace function :schema.outbox_last_turn(which text, place bigint) returns bigint
language sql stable as $$
  select coalesce((
    select c.position from :schema.outbox_change c
    where c.lane = which and c.position < place and c.ended_at is not null and c.kind <> 'cancelled'
    order by c.position desc limit 1
  ), 0)
$$;
