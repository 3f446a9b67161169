-- A person's decisions about one change. Each answers whether it had an effect.

-- Takes back a change that was not sent.
create or replace function :schema.outbox_cancel(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_lock();
  its_lane text;
  its_place bigint;
  was_admitted boolean;
  headed boolean;
begin
  select c.lane, c.position into its_lane, its_place
  from :schema.outbox_change c
  where c.id = (input ->> 'id')::uuid and c.ended_at is null for no key update;
  if its_lane is null then return 'false'; end if;
  -- Its lane knows nothing of it before its time has come, nor before it is admitted. But the end of
  -- the change before it may have made it the head of its lane already.
  delete from :schema.outbox_arrival a where a.position = its_place and not exists (
    select from :schema.outbox_lane l
    where l.lane = its_lane and l.head = (input ->> 'id')::uuid
  );
  was_admitted := its_place is not null and not found;
  if was_admitted then
    select l.head = (input ->> 'id')::uuid into headed
    from :schema.outbox_lane l where l.lane = its_lane
      -- What may have arrived can't be taken back.
      and (l.head <> (input ->> 'id')::uuid
        or l.kind in ('waiting', 'retry') and l.doubt_since is null)
    for no key update;
    if headed is null then return 'false'; end if;
  end if;
  update :schema.outbox_change c set kind = 'cancelled', ended_at = at, due_at = null,
    evidence = :schema.outbox_with_evidence(c.evidence,
      :schema.outbox_evidence(at, 'cancelled', null))
  where c.id = (input ->> 'id')::uuid;
  if headed then
    perform :schema.outbox_go_on(its_lane, at);
  elsif was_admitted then
    update :schema.outbox_lane l set behind = l.behind - 1 where l.lane = its_lane;
  end if;
  perform pg_notify(':schema_wake', '');
  return 'true';
end $$;

-- Tries a dead or unknown change again, or all of them that fit: of a key, of a kind, with a text in
-- their reasons. Answers how many.
create or replace function :schema.outbox_redrive(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_lock();
  redriven int;
begin
  with free as materialized (
    select l.lane, l.head from :schema.outbox_lane l
    where l.head is not null and l.kind in ('dead', 'unknown')
      and (not input ? 'id' or l.lane = (
        select c.lane from :schema.outbox_change c
        where c.id = (input ->> 'id')::uuid and l.head = c.id))
      and (not input ? 'key' or l.key = input ->> 'key')
      and (not input ? 'kind' or l.kind = input ->> 'kind')
      and (not input ? 'reason' or strpos(l.reason, input ->> 'reason') > 0)
    for no key update skip locked
  ),
  lanes as (
    update :schema.outbox_lane l
    set era = :schema.outbox_lanes_era(),
      kind = 'retry', reason = null, since = at, is_ready = true, retry_at = null, attempts = 0,
      outages = 0, key_fault_at = null,
      -- A person has seen to it, and may have moved the ticket: it is read, and what was remembered
      -- only tells states of one status apart.
      seen_at = l.seen_at - interval '1 day'
    from free f where l.lane = f.lane
  ),
  changes as (
    update :schema.outbox_change c
    set kind = null, reason = null, ended_at = null,
      evidence = :schema.outbox_with_evidence(c.evidence,
        :schema.outbox_evidence(at, 'redriven', null))
    from free f where c.id = f.head
  )
  select count(*) into redriven from free;
  if redriven > 0 then perform pg_notify(':schema_wake', ''); end if;
  return to_jsonb(redriven);
end $$;

-- Takes a change from a worker that hangs. What it sent is in doubt, and it may still send until it
-- hears of this: nobody has the change before that.
create or replace function :schema.outbox_give_back_by_hand(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_lock();
  heard_at timestamptz := at + :unaware_ms * interval '1 ms';
  taken record;
begin
  select l.lane, l.key, l.since, l.attempts, l.worker into taken
  from :schema.outbox_lane l
  where l.head = (input ->> 'id')::uuid and l.kind = 'active'
    and l.lane = (select c.lane from :schema.outbox_change c where c.id = (input ->> 'id')::uuid)
  for no key update;
  if not found then return 'false'; end if;
  update :schema.outbox_lane l
  set kind = 'retry', since = at, retry_at = heard_at, worker = null, doubt_since = heard_at,
    reason = 'It was taken from its worker by hand.'
  where l.lane = taken.lane;
  update :schema.outbox_change c
  set evidence = :schema.outbox_with_evidence(c.evidence,
    :schema.outbox_claim_evidence(taken.since, taken.attempts, taken.worker)
    || :schema.outbox_evidence(at, 'given back', 'by hand; what was sent is in doubt'))
  where c.id = (input ->> 'id')::uuid;
  perform :schema.outbox_lose_probes(
    jsonb_build_array(jsonb_build_object('key', taken.key, 'held_since', taken.since)), at);
  perform pg_notify(':schema_wake', '');
  return 'true';
end $$;

-- Gives a dead or unknown change up: it was done by hand, and nothing is known of the ticket.
create or replace function :schema.outbox_skip(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_lock();
  its_lane text;
begin
  update :schema.outbox_lane l set state = null, seen_at = null
  from :schema.outbox_change c
  where c.id = (input ->> 'id')::uuid and l.lane = c.lane and l.head = c.id
    and l.kind in ('dead', 'unknown')
  returning l.lane into its_lane;
  if not found then return 'false'; end if;
  update :schema.outbox_change c
  set kind = 'skipped', reason = input ->> 'note', ended_at = at,
    evidence = :schema.outbox_with_evidence(c.evidence,
      :schema.outbox_evidence(at, 'skipped', input ->> 'note'))
  where c.id = (input ->> 'id')::uuid;
  perform :schema.outbox_go_on(its_lane, at);
  perform pg_notify(':schema_wake', '');
  return 'true';
end $$;

-- Lets a lane go on behind a head that has ended.
create or replace function :schema.outbox_go_on(which text, at timestamptz) returns void
language plpgsql as $$
begin
  update :schema.outbox_lane l
  set era = :schema.outbox_lanes_era(), head = n.id, position = n.position,
    priority = n.priority, accepted_at = n.accepted_at,
    kind = case when n.id is not null then 'waiting' end, since = at,
    is_ready = n.id is not null and coalesce(l.quiet_at <= at, true), is_aside = false,
    retry_at = :schema.outbox_wait_for_quiet(n.id, l.quiet_at, at),
    behind = l.behind - (n.id is not null)::int, reason = null, worker = null,
    attempts = 0, outages = 0, claimed_at = null, doubt_since = null, key_fault_at = null
  from (select o.lane, o.position from :schema.outbox_lane o where o.lane = which) o
  left join lateral :schema.outbox_first(o.lane, o.position) n on true
  where l.lane = o.lane;
end $$;
