-- A person's decisions about one change. Each answers whether it had an effect.

-- Takes back a change that was not sent.
create or replace function :schema.outbox_cancel(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  at timestamptz := :schema.outbox_lock();
  its_lane text;
  was_admitted boolean;
  headed boolean;
begin
  perform :schema.outbox_admit(at);
  select c.lane, c.due_at is null into its_lane, was_admitted
  from :schema.outbox_change c
  where c.id = (input ->> 'id')::uuid and c.ended_at is null for no key update;
  if its_lane is null then return 'false'; end if;
  if was_admitted then
    select l.head = (input ->> 'id')::uuid into headed
    from :schema.outbox_lane l where l.lane = its_lane
      -- What may have arrived can't be taken back.
      and (l.head <> (input ->> 'id')::uuid
        or l.kind in ('waiting', 'retry') and l.doubt_since is null)
    for no key update;
    if headed is null then return 'false'; end if;
  end if;
  update :schema.outbox_change c set kind = 'cancelled', ended_at = at, due_at = null
  where c.id = (input ->> 'id')::uuid;
  if headed then
    perform :schema.outbox_go_on(its_lane, at);
  elsif was_admitted then
    update :schema.outbox_lane l set behind = l.behind - 1 where l.lane = its_lane;
  end if;
  perform pg_notify(':schema_wake', '');
  return 'true';
end $$;

-- Tries a dead or unknown change again.
create or replace function :schema.outbox_redrive(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare at timestamptz := :schema.outbox_lock();
begin
  update :schema.outbox_lane l
  set kind = 'retry', since = at, is_ready = true, retry_at = null, attempts = 0, outages = 0,
    key_fault_at = null,
    -- A person has seen to it, and may have moved the ticket: it is read, and what was remembered
    -- only tells states of one status apart.
    seen_at = l.seen_at - interval '1 day'
  from :schema.outbox_change c
  where c.id = (input ->> 'id')::uuid and l.lane = c.lane and l.head = c.id
    and l.kind in ('dead', 'unknown');
  if not found then return 'false'; end if;
  update :schema.outbox_change c set kind = null, reason = null, ended_at = null
  where c.id = (input ->> 'id')::uuid;
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
  set kind = 'skipped', reason = input ->> 'note', ended_at = at
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
  set head = n.id, position = n.position, priority = n.priority, accepted_at = n.accepted_at,
    kind = case when n.id is not null then 'waiting' end, since = at,
    is_ready = n.id is not null, behind = l.behind - (n.id is not null)::int,
    reason = null, worker = null, retry_at = null, attempts = 0, outages = 0,
    claimed_at = null, doubt_since = null, key_fault_at = null
  from (select o.lane, o.position from :schema.outbox_lane o where o.lane = which) o
  left join lateral :schema.outbox_first(o.lane, o.position) n on true
  where l.lane = o.lane;
end $$;
