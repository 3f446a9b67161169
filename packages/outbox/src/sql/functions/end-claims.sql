-- Gives slots back. A slot cools down by the clock of the database, counted from its answer, whose
-- age the holder's clock has measured. Answers the tokens of those that have to wait, as somebody has
-- locked the slot, or the budget that it belongs to, by hand: the pause after a 429 is not lost.
-- One slot after the other: joined, they would be looked for among all versions of all slots.
create or replace function :schema.outbox_give_slots_back(releases jsonb) returns jsonb
language plpgsql as $$
declare
  g record;
  its_era bigint;
  is_free boolean;
  busy jsonb := '[]';
begin
  for g in
    select x.*, coalesce(x."pauseMs", 0) > 0 as is_limited, x."cooldownMs" = 0 as is_unsent
    from jsonb_to_recordset(releases)
      as x(key text, slot int, token bigint, "ageMs" float8, "cooldownMs" float8, "pauseMs" float8)
  loop
    -- Given back once: a release that is repeated finds another token.
    select x.era into its_era
    from :schema.outbox_slot_of(g.key, g.slot) x where x.token = g.token;
    continue when not found;
    perform from :schema.outbox_slot s
    where s.key = g.key and s.slot = g.slot and s.era = its_era for no key update skip locked;
    is_free := found;
    if is_free and (g.is_limited or g.is_unsent) then
      perform from :schema.outbox_budget b
      where b.key = g.key and b.era = (select x.era from :schema.outbox_budget_of(g.key) x)
      for no key update skip locked;
      is_free := found;
    end if;
    if not is_free then
      busy := busy || to_jsonb(g.token);
      continue;
    end if;
    update :schema.outbox_slot s
    set free_at = :schema.outbox_clock() + :schema.outbox_span(g."cooldownMs" - g."ageMs"),
      worker = null, token = -g.token
    where s.key = g.key and s.slot = g.slot and s.era = its_era;
    continue when not (g.is_limited or g.is_unsent);
    update :schema.outbox_budget b
    set paused_until = greatest(b.paused_until,
        :schema.outbox_clock() + :schema.outbox_span(g."pauseMs" - g."ageMs")),
      limited = b.limited + g.is_limited::int,
      sent = b.sent - g.is_unsent::int
    where b.key = g.key and b.era = (select x.era from :schema.outbox_budget_of(g.key) x);
  end loop;
  return busy;
end $$;

-- Writes down how claims ended, and lets their lanes go on. Answers which ends stand: written now, or
-- before by a call whose answer was lost; and which have to wait, as someone has locked their rows by
-- hand. All others were no longer held, and stay as they are.
create or replace function :schema.outbox_end_claims(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz;
  busy_slots jsonb;
  result jsonb;
begin
  -- If the power fails before this is on disk, the attempt is still noted: the ticket is read, and
  -- nothing is sent twice. So others need not wait for the disk while this holds the dispatch lock.
  perform set_config('synchronous_commit', 'off', true);
  at := :schema.outbox_lock();
  busy_slots := :schema.outbox_give_slots_back(input -> 'releases');

  with given as materialized (
    select * from jsonb_to_recordset(input -> 'ends')
      as x(life uuid, id uuid, fence int, kind text, reason text, state text, "delayMs" float8,
        doubt text, "quietInMs" float8, "isOutage" boolean, "keyFault" text, "keyWorks" boolean,
        "isOwnFault" boolean, "askedNothing" boolean, evidence jsonb, codes jsonb)
  ),
  found as materialized (
    select g.*, c.lane, l.era, c.position, l.key, l.since as held_since, l.attempts,
      greatest(l.quiet_at, at + :schema.outbox_span(g."quietInMs")) as quiet_at,
      l.head = g.id and l.fence = g.fence and l.worker = g.life and l.kind = 'active' as is_held,
      -- It says nothing about the key. An outage does where a read was answered.
      g.kind = 'retry' and coalesce(g."isOutage", false) and not coalesce(g."keyWorks", false)
        or coalesce(g."isOwnFault", false) as is_mute,
      g.fence = any (c.ended_fences) as was_ended
    from given g
    join :schema.outbox_change c on c.id = g.id
    join :schema.outbox_lane l
      on l.lane = c.lane and l.era = (select o.era from :schema.outbox_lane_of(c.lane) o)
    for no key update of l, c skip locked
  ),
  held as materialized (select f.* from found f where f.is_held),
  changes as (
    update :schema.outbox_change c
    set evidence = :schema.outbox_with_evidence(c.evidence,
        :schema.outbox_claim_evidence(h.held_since, h.attempts, h.life)
        || (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('what', e.what,
            'at', at - :schema.outbox_span(e."ageMs"), 'detail', e.detail))), '[]')
          from jsonb_to_recordset(coalesce(h.evidence, '[]'))
            as e(what text, detail text, "ageMs" float8)
        )
        || jsonb_build_array(
          (:schema.outbox_evidence(at, 'ended', concat_ws(': ', h.kind, h.reason)) -> 0)
          || jsonb_strip_nulls(jsonb_build_object('codes', h.codes)))),
      kind = nullif(h.kind, 'retry'), reason = case when h.kind <> 'retry' then h.reason end,
      ended_at = case when h.kind <> 'retry' then at end,
      ended_fences = :schema.outbox_with_fence(c.ended_fences, h.fence)
    from held h where c.id = h.id
  ),
  -- A failed change holds its ticket, and one that is tried again keeps its place.
  stay as (
    update :schema.outbox_lane l
    set kind = h.kind, reason = h.reason, since = at, worker = null, quiet_at = h.quiet_at,
      outages = l.outages + coalesce(h."isOutage", false)::int,
      doubt_since = case h.doubt when 'anew' then at when 'as-before' then l.doubt_since end,
      key_fault_at = case when h."keyFault" is not null then at else l.key_fault_at end,
      retry_at = case when h.kind = 'retry'
        then at + :schema.outbox_span(coalesce(h."delayMs", 0)) end
    from held h
    where l.lane = h.lane and l.era = h.era and h.kind not in ('done', 'dropped')
  ),
  go_on as (
    update :schema.outbox_lane l
    set head = n.id, position = n.position, priority = n.priority, accepted_at = n.accepted_at,
      kind = case when n.id is not null then 'waiting' end, since = at,
      is_ready = n.id is not null and coalesce(h.quiet_at <= at, true), quiet_at = h.quiet_at,
      retry_at = :schema.outbox_wait_for_quiet(n.id, h.quiet_at, at),
      behind = l.behind - (n.id is not null)::int, reason = null, worker = null, attempts = 0,
      outages = 0, claimed_at = null, doubt_since = null, key_fault_at = null,
      state = coalesce(h.state, l.state),
      seen_at = case when h.state is null then l.seen_at else at end
    from held h left join lateral :schema.outbox_first(h.lane, h.position) n on true
    where l.lane = h.lane and l.era = h.era and h.kind in ('done', 'dropped')
  ),
  -- A timer that was set for a state the ticket has left is pointless.
  timers as materialized (
    select c.id from :schema.outbox_change c
    join held h on c.lane = h.lane and c.position is null and c.due_at is not null
      and c.change ->> 'whileIn' <> h.state
    for no key update of c skip locked
  ),
  dropped as (
    update :schema.outbox_change c
    set kind = 'dropped', reason = 'The ticket moved on.', ended_at = at, due_at = null
    from timers t where c.id = t.id
  )
  select jsonb_build_object(
    'keys', (
      select coalesce(jsonb_agg(jsonb_build_object('key', h.key, 'fault', h."keyFault",
        'reason', h.reason, 'held_since', h.held_since, 'is_mute', h.is_mute,
        'works', h."keyFault" is null and not h.is_mute and not coalesce(h."askedNothing", false)
      )), '[]') from held h
      where h."keyFault" is not null
        or h.key in (select f.key from held f where f."keyFault" is not null)
        or exists (select from :schema.outbox_circuit c where c.key = h.key)
    ),
    'written', (select coalesce(jsonb_agg(h.id), '[]') from held h),
    'stands', (
      select coalesce(jsonb_agg(f.id), '[]') from found f where f.is_held or f.was_ended
    ),
    'busy', (
      -- By an array, so that no plan begins with all changes.
      select coalesce(jsonb_agg(c.id), '[]') from :schema.outbox_change c
      where c.id = any (array(select g.id from given g)) and c.id not in (select f.id from found f)
    )
  ) into result;
  return result || jsonb_build_object('busySlots', busy_slots,
    'turned', :schema.outbox_note_keys(result -> 'keys', at));
end $$;

-- The latest claims that were ended, with one more: a change that is tried for days keeps no more.
create or replace function :schema.outbox_with_fence(known int[], fence int) returns int[]
language sql immutable as $$
  select (coalesce(known, '{}') || fence)[greatest(1, coalesce(array_length(known, 1), 0) - 58):]
$$;

-- Which of these claims are held, without a lock.
create or replace function :schema.outbox_held(input jsonb) returns jsonb
language sql volatile :safely as $$
  select coalesce(jsonb_agg(g.id), '[]')
  from jsonb_to_recordset(input -> 'ends') as g(life uuid, id uuid, fence int)
  join :schema.outbox_change c on c.id = g.id
  join :schema.outbox_lane l on l.lane = c.lane
  where l.head = g.id and l.fence = g.fence and l.worker = g.life and l.kind = 'active'
$$;
