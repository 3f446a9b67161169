-- Hands this worker changes whose turn has come and whose key has a slot, now or within the horizon.
-- Notes each attempt before anything is sent, so that a crash leaves a doubt and never a gap.
--
-- What someone holds a lock on by hand is passed over (`skip locked`): it keeps itself waiting, and
-- nobody else.
create or replace function :schema.outbox_claim(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  me uuid := input ->> 'worker';
  most int := input ->> 'most';
  gap_ms float8 := input ->> 'gapMs';
  horizon_ms float8 := input ->> 'horizonMs';
  hold_ms float8 := input ->> 'holdMs';
  timeout_ms float8 := input ->> 'timeoutMs';
  gather_ms float8 := input ->> 'gatherMs';
  most_slots int := input ->> 'slots';
  number bigint := input ->> 'number';
  at timestamptz := :schema.outbox_lock_as(me);
  ahead timestamptz := at + :schema.outbox_span(horizon_ms);
  gap interval := :schema.outbox_span(gap_ms);
  -- One call takes all slots that come free until the horizon, instead of one call for each.
  early interval := :schema.outbox_span(horizon_ms / 2);
  -- More keys have their turn in the next call.
  most_keys int := 0;
  arrived int := :schema.outbox_admit(at);
  this_era bigint;
  lanes_era bigint;
  share float8;
  first_at timestamptz;
  last_at timestamptz;
  gathered_at timestamptz;
  is_new boolean;
  busy int;
  mine int;
  turn record;
  in_all float8 := 1;
  are_back boolean;
  keys text[];
  -- Compared with what was there before: what this call hands out is no stray.
  compared jsonb;
  result jsonb;
begin
  perform :schema.outbox_advance(at);
  select e.n, e.lanes into this_era, lanes_era from :schema.outbox_era e order by e.n desc limit 1;
  compared := :schema.outbox_compare_claims(me, input -> 'held', lanes_era);
  select min(w.entered_at), max(w.entered_at),
    sum(w.capacity) filter (where w.id = me)::float8 / sum(w.capacity)
  into first_at, last_at, share
  from :schema.outbox_worker w
  where w.era = this_era and w.dead_at is null and w.seen_at > at - interval '1 second';
  select count(*), count(*) filter (where l.worker = me) into busy, mine
  from :schema.outbox_lane l where l.era = lanes_era and l.worker is not null;
  -- Processes that are started together wait for each other, so that each begins with its share.
  is_new := first_at > at - interval '1 second';
  if busy = 0 and is_new and last_at > at - :schema.outbox_span(gather_ms) then
    most := 0;
    gathered_at := last_at + :schema.outbox_span(gather_ms);
  end if;
  -- To look at a key takes time, under the dispatch lock. A worker takes its share of what it finds, so
  -- it looks at more keys than it can serve.
  if most > 0 then most_keys := least(200, greatest(50, ceil(2 * most / share))); end if;

  update :schema.outbox_lane l set is_ready = true, retry_at = null
  where (l.lane, l.era) in (
    select d.lane, d.era from :schema.outbox_lane d where d.era = lanes_era and d.retry_at <= at for no key update skip locked
  );

  are_back := :schema.outbox_come_back(lanes_era);
  select * into turn from :schema.outbox_keys_in_turn(most_keys, at, this_era, lanes_era);
  -- A full page stands for 200 keys: behind it about as many changes are ready for each key.
  if array_length(turn.keys, 1) = most_keys then in_all := 200.0 / most_keys; end if;
  keys := array(
    select u.key from unnest(turn.keys) with ordinality u (key, turn)
    where not coalesce(input -> 'without' ? u.key, false)
    order by u.turn
  );
  insert into :schema.outbox_budget (key, era)
  select u.key, this_era from unnest(keys) u (key)
  -- Not by `exists`, which forgets the order and begins at the oldest version.
  where (select b.key from :schema.outbox_budget_of(u.key) b) is null;

  -- Changes in doubt whose time is near. They may have half of the slots. The 600 ms say how early to
  -- reserve slots for them. Larger: their tickets settle sooner, but more of the budget stays unused.
  with doubtful as materialized (
    select l.key, count(*) as count from :schema.outbox_lane l
    where l.era = lanes_era and l.retry_at <= at + interval '600 ms' and l.doubt_since is not null
    group by l.key
  ),
  served as materialized (
    select b.key, b.era as budget_era, k.turn, b.next_at, b.paused_until,
      b.key = any (turn.probes) as is_probe,
      case when b.kept_until > at then b.kept else 0 end as kept,
      coalesce(2 * (select d.count from doubtful d where d.key = b.key), 0) as doubtful,
      :schema.outbox_room(at, b.next_at, b.paused_until, gap_ms, horizon_ms) as pace,
      (select m.made from :schema.outbox_made_slots(b.key) m) as made
    from unnest(keys) with ordinality k (key, turn)
    cross join lateral :schema.outbox_budget_of(k.key) b
  ),
  open as materialized (
    select s.*, f.slots, f.eras, f.free_ats, f.later_at, k.all_kept,
      greatest(0, least(s.pace, coalesce(array_length(f.slots, 1), 0) - k.all_kept)) as room
    from served s
    cross join lateral (
      select array_agg(x.slot order by x.free_at, x.slot) filter (where x.free_at <= ahead) as slots,
        array_agg(x.era order by x.free_at, x.slot) filter (where x.free_at <= ahead) as eras,
        array_agg(x.free_at order by x.free_at, x.slot) filter (where x.free_at <= ahead) as free_ats,
        min(x.free_at) filter (where x.free_at > ahead) as later_at
      from (
        -- A process with another limit may have made more of them. One in between may be missing, if
        -- its ticket was locked by hand when it was to be made.
        select n as slot, p.era, coalesce(p.free_at, at) as free_at
        from generate_series(1, least(s.made, most_slots)) n
        left join lateral :schema.outbox_slot_of(s.key, n) p on true
        union all
        select n, null, at
        from generate_series(s.made + 1, least(most_slots, s.made + least(s.pace, 2 * most + 1))) n
      ) x
    ) f
    cross join lateral (
      select (s.kept + least(s.doubtful, most_slots / 2))::int as all_kept
    ) k
  ),
  -- One in doubt is read before it is sent: with a second slot it need not wait in between. While
  -- its request may still be under way it is only read.
  heads as materialized (
    select o.key, o.budget_era, o.turn, o.is_probe, o.room, o.next_at, o.paused_until, o.later_at,
      o.all_kept, case when r.place = 1 then o.free_ats end as free_ats, r.*,
      o.slots[r.place] as slot, o.eras[r.place] as slot_era, o.free_ats[r.place] as free_at,
      o.slots[r.place + 1] as next_slot, o.eras[r.place + 1] as next_slot_era,
      o.free_ats[r.place + 1] as next_free_at
    from open o
    cross join lateral (
      select l.*, sum(l.needs) over (order by l.priority desc, l.position) - l.needs + 1 as place,
        count(*) over () as ready
      from (
        (
          select l.lane, l.era, l.priority, l.position, l.key_fault_at as old_fault_at,
            case when l.doubt_since <= at - :schema.outbox_span(timeout_ms) then 2 else 1 end as needs
          from :schema.outbox_lane l
          where l.era = lanes_era and l.key = o.key and l.is_ready and not o.is_probe
          order by l.priority desc, l.position
          -- One more than there is room for shows that the key has more to send.
          limit o.room + 1
        )
        union all
        (
          -- Of a key that fails: the one for which it failed longest ago, or never. So no bad ticket
          -- keeps the others waiting.
          select l.lane, l.era, l.priority, l.position, l.key_fault_at, 1
          from :schema.outbox_lane l
          where l.key = o.key and l.is_aside and o.is_probe
          order by l.key_fault_at nulls first, l.priority desc, l.position
          limit least(o.room, 1)
        )
      ) l
    ) r
  ),
  ready as materialized (
    select h.lane, h.era, h.key, h.budget_era, h.slot, h.slot_era,
      case when h.needs = 2 and h.place < h.room then h.next_slot end as spare,
      h.next_slot_era as spare_era,
      (h.place - 1) * gap + max(greatest(h.next_at, at, h.free_at - (h.place - 1) * gap))
        over (partition by h.key order by h.place) as send_at,
      least(h.place + h.needs - 1, h.room) as used,
      greatest(at, h.next_free_at) as spare_at, h.place, h.turn, h.is_probe, h.old_fault_at
    from heads h
    where h.place <= h.room
  ),
  -- A worker takes its share at a time, so that the others have theirs; and never has more than
  -- twice that, so that not all is lost with it, and one that is slow does not keep others waiting.
  -- A fleet that has just begun takes more at a time: the first requests of a process are slow.
  picks as materialized (
    select r.* from ready r order by r.place, r.turn
    limit (
      select greatest(0, least(most, ceil(2 * (count(*) * in_all + busy) * share) - mine,
        case when not is_new then ceil(count(*) * share) end))::int
      from ready
    )
  ),
  free_lanes as materialized (
    select l.lane from :schema.outbox_lane l
    where (l.lane, l.era) in (select p.lane, p.era from picks p)
    for no key update skip locked
  ),
  -- The next probe is noted there.
  free_circuits as materialized (
    select c.key from :schema.outbox_circuit c
    where c.key in (select p.key from picks p where p.is_probe)
    for no key update skip locked
  ),
  free_keys as materialized (
    select b.key from :schema.outbox_budget b
    where (b.key, b.era) in (select p.key, p.budget_era from picks p)
    for no key update skip locked
  ),
  held as materialized (
    select p.*, :schema.outbox_hold_slot(p.key, p.slot, p.slot_era) as has_slot,
      p.spare is not null and :schema.outbox_hold_slot(p.key, p.spare, p.spare_era) as has_spare
    from picks p
  ),
  -- Asks for what is locked, which is next to nothing: a join with what is free would compare each pick
  -- with each of these.
  chosen as materialized (
    select p.* from held p
    where p.has_slot
      and p.lane not in (select r.lane from picks r except select f.lane from free_lanes f)
      and p.key not in (select r.key from picks r except select f.key from free_keys f)
      and (not p.is_probe or p.key in (select f.key from free_circuits f))
  ),
  sends as materialized (
    select p.lane, p.key, p.budget_era, p.used, s.* from chosen p
    cross join lateral (
      select p.slot, p.slot_era, p.send_at, 1 as change
      union all
      select p.spare, p.spare_era, greatest(p.send_at + gap, p.spare_at), 0 where p.has_spare
    ) s
  ),
  given as materialized (
    select s.key, s.budget_era, sum(s.change) as changes, max(s.used) as used, count(*) as sent,
      max(s.send_at) + gap as next_at
    from sends s group by s.key, s.budget_era
  ),
  -- The slots of each lane, by its name. They are taken as this is read, for 'jobs'.
  slots as materialized (
    select jsonb_object_agg(l.lane, l.slots) as by_lane from (
      select s.lane, jsonb_agg(jsonb_build_object('key', s.key, 'slot', s.slot,
        'token', :schema.outbox_use_slot(s.key, s.slot, s.slot_era, this_era,
          s.send_at + :schema.outbox_span(hold_ms), me, s.lane),
        'delayMs', :schema.outbox_ms(s.send_at - at)) order by s.send_at) as slots
      from sends s group by s.lane
    ) l
  ),
  started as (
    update :schema.outbox_lane l
    set kind = 'active', since = at, era = lanes_era, is_aside = false,
      is_ready = false, worker = me, fence = l.fence + 1,
      claim_number = number, attempts = l.attempts + 1,
      claimed_at = case when l.doubt_since is null then at else l.claimed_at end,
      key_fault_at = case when p.is_probe then at else l.key_fault_at end
    from chosen p
    where l.lane = p.lane and l.era = p.era
    returning l.*, p.send_at, p.place, p.turn, p.old_fault_at, p.is_probe
  ),
  -- The next probe waits for the end of this one, or as long as it may take.
  probes as (
    update :schema.outbox_circuit c set next_try_at = at + :schema.outbox_span(hold_ms)
    from chosen p where p.is_probe and c.key = p.key
  ),
  budgets as (
    update :schema.outbox_budget b
    set sent = b.sent + g.sent, next_at = g.next_at, era = this_era
    from given g
    where b.key = g.key and b.era = g.budget_era
  ),
  turn as (
    update :schema.outbox_key_turn t set key = l.key
    from (
      -- The last key that had its turn: all of them, unless there was more than this worker takes.
      select case when (select count(*) from picks) < (select count(*) from ready)
        then (select p.key from picks p where p.place = 1 order by p.turn desc limit 1)
        else keys[array_length(keys, 1)] end as key
    ) l
    where t.era = this_era and l.key is not null and most > 0
  )
  select jsonb_build_object(
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', l.head, 'fence', l.fence, 'change', c.change, 'key', l.key,
        'slots', (select s.by_lane from slots s) -> l.lane,
        'attempt', l.attempts, 'outages', l.outages,
        'acceptedMs', :schema.outbox_ms(at - l.accepted_at),
        -- Not by what was before the pause.
        'keyWorks', (
          select c.worked_at >= l.old_fault_at and not l.is_probe
          from :schema.outbox_circuit c where c.key = l.key
        ),
        'doubtMs', :schema.outbox_ms(at - l.doubt_since),
        'doubtFromMs', case when l.doubt_since is not null
          then :schema.outbox_ms(at - l.claimed_at) end,
        'state', l.state, 'stateAgeMs', :schema.outbox_ms(at - l.seen_at)
      ) order by l.send_at, l.place, l.turn), '[]')
      from started l join :schema.outbox_change c on c.id = l.head
    ),
    'passedOver', (select count(*) from picks) - (select count(*) from chosen),
    -- When a key with a change to send may send again. A worker that has its share is woken by the
    -- end of one of its own.
    'nextInMs', (
      select :schema.outbox_ms(min(w.wake_at) - at) from (
        select greatest(h.paused_until, coalesce(g.next_at, h.next_at) - early,
          coalesce(h.free_ats[coalesce(g.used, 0) + h.all_kept + 1], h.later_at, at) - early
        ) as wake_at
        from heads h
        left join given g using (key)
        where (exists (select from picks) or not exists (select from ready))
          and h.place = 1
          and h.ready > coalesce(g.changes, 0)
          and h.key not in (
            select p.key from picks p where p.lane not in (select c.lane from chosen c)
          )
        union all
        select min(c.next_try_at) from :schema.outbox_circuit c
        where c.has_aside and c.paused_by = 'fault' and c.next_try_at > at
        union all
        select at + interval '250 ms'
        where (select count(*) from picks) > (select count(*) from chosen)
        union all
        select gathered_at
        union all
        select at where arrived = 1000
        union all
        -- There are more keys. Where the last of a round brought nothing, they are asked a little later.
        select case when turn.is_round and not exists (select from ready) then at + early else at end
        where array_length(turn.keys, 1) = most_keys
          and (exists (select from picks) or not exists (select from ready))
        union all
        -- One call sets so many aside, and brings so many back.
        select at + interval '50 ms' where turn.is_more or not are_back
        union all
        select min(l.retry_at) from :schema.outbox_lane l
        where l.era = lanes_era and l.retry_at > at
        union all
        select min(c.due_at) from :schema.outbox_change c where c.due_at > at
      ) w
    )
  ) into result;
  return result || compared || jsonb_build_object('tookMs', :schema.outbox_ms(:schema.outbox_clock() - at));
end $$;

-- Takes a slot for a time, and gives its new token. One that was not needed before is made.
-- One slot after the other: joined, they would be looked for among all versions of all slots.
create or replace function :schema.outbox_use_slot(
  which text, number int, its_era bigint, this_era bigint, until timestamptz, me uuid, for_lane text
) returns bigint language plpgsql as $$
declare mark bigint := nextval(':schema.outbox_token');
begin
  if its_era is null then
    insert into :schema.outbox_slot (key, slot, era, free_at, worker, lane, token)
    values (which, number, this_era, until, me, for_lane, mark);
  else
    update :schema.outbox_slot s
    set free_at = until, worker = me, lane = for_lane, token = mark, era = this_era
    where s.key = which and s.slot = number and s.era = its_era;
  end if;
  return mark;
end $$;

-- Whether a slot may be used: it is locked for that, unless somebody has locked it by hand. One that is
-- not made yet needs no lock.
create or replace function :schema.outbox_hold_slot(which text, number int, its_era bigint)
returns boolean language plpgsql as $$
begin
  if its_era is null then return true; end if;
  perform from :schema.outbox_slot s
  where s.key = which and s.slot = number and s.era = its_era
  for no key update skip locked;
  return found;
end $$;

-- What a worker holds without knowing of it, and what it names and no longer holds.
create or replace function :schema.outbox_compare_claims(
  me uuid, held jsonb, lanes_era bigint
) returns jsonb
language sql stable as $$
  with named as materialized (
    select x.id, x.fence from jsonb_to_recordset(held) as x(id uuid, fence int)
  ),
  holds as materialized (
    select l.head as id, l.fence, coalesce(l.claim_number, 0) as number, l.lane
    from :schema.outbox_lane l
    where l.era = lanes_era and l.worker = me
  )
  select jsonb_build_object(
    'strays', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', h.id, 'fence', h.fence, 'number', h.number,
        'slots', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'key', s.key, 'slot', s.slot, 'token', s.token)), '[]')
          from :schema.outbox_made_slots(split_part(h.lane, '/', 1)) m
          cross join lateral generate_series(1, m.made) n
          cross join lateral :schema.outbox_slot_of(split_part(h.lane, '/', 1), n) s
          where s.worker = me and s.lane = h.lane
        )
      )), '[]') from holds h
      where (h.id, h.fence) not in (select n.id, n.fence from named n)
    ),
    'lost', (
      select coalesce(jsonb_agg(to_jsonb(n)), '[]') from named n
      where (n.id, n.fence) not in (select h.id, h.fence from holds h)
    )
  )
$$;

-- The keys that have a change to send, from the one behind the latest that had a turn. Of those that are
-- paused only the ones whose probe is due: their tickets are set aside, so that the next call does not
-- meet them. `probes`: those paused ones; `is_more`: one call could not set all aside; `is_round`: it
-- came to the last key and went on with the first.
create or replace function :schema.outbox_keys_in_turn(
  most int, at timestamptz, this_era bigint, lanes_era bigint,
  out keys text[], out probes text[], out is_more boolean, out is_round boolean
) language plpgsql as $$
declare
  latest text := (select t.key from :schema.outbox_key_turn t where t.era = this_era);
  found_key text := latest;
  looked int := 0;
  most_looked constant int := 200;
  ready text[] := '{}';
  empty text[];
begin
  is_more := false;
  is_round := false;
  loop
    found_key := (
      select l.key from :schema.outbox_lane l
      where l.era = lanes_era and l.is_ready and l.key > found_key
      order by l.key limit 1
    );
    if found_key is null and not is_round then
      is_round := true;
      found_key := '';
      continue;
    end if;
    exit when found_key is null or (is_round and found_key > latest) or cardinality(ready) = most;
    if :schema.outbox_is_paused(found_key) then
      perform :schema.outbox_set_aside(found_key, lanes_era);
      looked := looked + 1;
    else
      ready := ready || found_key;
    end if;
    if looked = most_looked then
      -- The next call begins behind them.
      update :schema.outbox_key_turn t set key = found_key where t.era = this_era;
      is_more := true;
      exit;
    end if;
  end loop;
  probes := array(
    select c.key from :schema.outbox_circuit c
    where c.has_aside and c.paused_by = 'fault' and c.next_try_at <= at
    order by c.next_try_at limit most_looked
  );
  -- Those that have nothing aside any more would keep others from their turn.
  empty := array(
    select u.key from unnest(probes) u (key)
    where not exists (select from :schema.outbox_lane l where l.key = u.key and l.is_aside)
  );
  if empty <> '{}' then
    update :schema.outbox_circuit c set has_aside = false
    where c.key in (
      select d.key from :schema.outbox_circuit d where d.key = any (empty) for no key update skip locked
    );
    is_more := is_more or found;
    probes := array(select u.key from unnest(probes) u (key) where u.key <> all (empty));
  end if;
  -- Each in its turn, as one that is ready.
  keys := array(
    select u.key from unnest(ready || probes) u (key)
    order by u.key <= latest, u.key limit most
  );
end $$;
