-- Keys that fail by themselves, and keys that are paused. A key has a row from its first fault until
-- it has worked for a day; a key that was never at fault costs nothing. model/store.ts explains it.

-- What the ends of claims show about their keys. `given` has, of each: key, fault (unusable, silent),
-- reason, works, is_mute, and since when its claim was held. One with neither fault nor works says
-- nothing. If it was the probe, the next one comes as long after it as it came after the one before
-- (is_mute); at once, where it asked nothing. One that works counts from its claim: what was sent
-- before the key failed does not show that it works. Answers which keys pause now or go on.
create or replace function :schema.outbox_note_keys(given jsonb, at timestamptz) returns jsonb
language plpgsql as $$
declare result jsonb;
begin
  if given = '[]' then return '[]'; end if;
  insert into :schema.outbox_circuit (key, fault_at)
  select distinct g ->> 'key', at from jsonb_array_elements(given) g where g ->> 'fault' is not null
  order by 1
  on conflict do nothing;

  with ends as materialized (
    select * from jsonb_to_recordset(given)
      as x(key text, fault text, reason text, works boolean, is_mute boolean,
        held_since timestamptz)
  ),
  found as materialized (
    select e.key, bool_or(e.works) as works, bool_or(e.fault = 'unusable') as is_unusable,
      count(*) filter (where e.fault = 'silent') as silent,
      max(e.held_since) as held_since,
      max(e.held_since) filter (where e.fault is not null) as fault_since,
      -- Of a clock that was set back it may lie ahead.
      max(least(at, e.held_since)) filter (where e.works) as worked_since,
      min(e.reason) filter (where e.fault is not null) as reason,
      bool_or(e.fault is not null) as has_fault, bool_or(e.is_mute) as is_mute
    from ends e group by e.key
  ),
  free as materialized (
    select c.* from :schema.outbox_circuit c where c.key in (select f.key from found f)
    for no key update skip locked
  ),
  counted as materialized (
    select c.key, c.paused_by, c.since, c.step_ms as old_step_ms, f.reason, f.has_fault, f.is_mute,
      f.is_unusable, f.held_since, f.fault_since,
      greatest(c.worked_at, f.worked_since) as worked_at,
      case when f.works then 0 else c.silent + f.silent end as silent,
      -- What was handed out before the pause says nothing new.
      c.paused_by = 'fault' and coalesce(f.worked_since >= c.since, false) as closes
    from free c join found f using (key)
  ),
  seen as materialized (
    select n.*,
      n.paused_by is null and n.has_fault
        and coalesce(n.worked_at < n.fault_since, true)
        and (n.is_unusable or n.silent >= :most_silent) as opens,
      n.paused_by = 'fault' and not n.closes and n.has_fault and n.fault_since >= n.since as lasts,
      n.paused_by = 'fault' and not n.closes and n.held_since >= n.since
        and not coalesce(n.fault_since >= n.since, false) as says_nothing,
      case when n.paused_by = 'fault' then least(2 * n.old_step_ms, :longest_pause_ms)
        else :first_pause_ms end as step_ms
    from counted n
  ),
  noted as (
    update :schema.outbox_circuit c
    set silent = s.silent,
      worked_at = s.worked_at,
      fault_at = case when s.has_fault then at else c.fault_at end,
      paused_by = case when s.opens then 'fault' when s.closes then null else c.paused_by end,
      reason = case when s.opens or s.lasts then s.reason else c.reason end,
      since = case when s.opens then at else c.since end,
      step_ms = case when s.opens or s.lasts then s.step_ms else c.step_ms end,
      next_try_at = case when s.opens or s.lasts then at + :schema.outbox_span(s.step_ms)
        when s.closes then null
        when s.says_nothing and s.is_mute then at + :schema.outbox_span(c.step_ms)
        when s.says_nothing then at
        else c.next_try_at end
    from seen s where c.key = s.key
  )
  select coalesce(jsonb_agg(
    case when s.opens then jsonb_build_object('key', s.key, 'reason', s.reason)
      else jsonb_build_object('key', s.key) end
  ) filter (where s.opens or s.closes), '[]')
  into result from seen s;
  return result;
end $$;

-- The claims of these keys, held since so long, were given back: what they showed of their keys is
-- lost. The next probe comes as long after this as it came after the one before.
create or replace function :schema.outbox_lose_probes(claims jsonb, at timestamptz) returns void
language plpgsql as $$
begin
  with free as materialized (
    select c.key from :schema.outbox_circuit c
    where c.paused_by = 'fault' and exists (
      select from jsonb_to_recordset(claims) as x(key text, held_since timestamptz)
      where x.key = c.key and x.held_since >= c.since
    )
    for no key update skip locked
  )
  update :schema.outbox_circuit c set next_try_at = at + :schema.outbox_span(c.step_ms)
  from free f where c.key = f.key;
end $$;

-- Whether no change of a key is handed out, but for probes.
create or replace function :schema.outbox_is_paused(which text) returns boolean
language sql stable as $$
  select exists (
    select from :schema.outbox_circuit c where c.key = which and c.paused_by is not null
  )
$$;

-- Takes tickets of a paused key out of the turn: the ones that go first, as many as one call should
-- write. Its others are met by the next calls.
create or replace function :schema.outbox_set_aside(which text, lanes_era bigint) returns void
language plpgsql as $$
begin
  perform from :schema.outbox_circuit c where c.key = which for no key update skip locked;
  -- Somebody has locked it by hand: its tickets are passed over.
  if not found then return; end if;
  update :schema.outbox_lane l set is_ready = false, is_aside = true
  where (l.lane, l.era) in (
    select o.lane, o.era from :schema.outbox_lane o
    where o.era = lanes_era and o.key = which and o.is_ready
    order by o.priority desc, o.position limit 20
    for no key update skip locked
  );
  update :schema.outbox_circuit c set has_aside = true where c.key = which and not c.has_aside;
end $$;

-- Brings the tickets back whose keys go on: the ones that go first, some with each call. Answers
-- whether all are back.
create or replace function :schema.outbox_come_back(lanes_era bigint) returns boolean
language plpgsql as $$
declare keys text[];
begin
  if not exists (
    select from :schema.outbox_circuit c where c.has_aside and c.paused_by is null
  ) then return true; end if;
  keys := array(
    select c.key from :schema.outbox_circuit c where c.has_aside and c.paused_by is null
    order by c.key limit 20
    for no key update skip locked
  );
  update :schema.outbox_lane l set is_ready = true, is_aside = false, era = lanes_era
  where (l.lane, l.era) in (
    select f.lane, f.era from unnest(keys) k (key)
    cross join lateral (
      select o.lane, o.era from :schema.outbox_lane o
      where o.key = k.key and o.is_aside
      order by o.priority desc, o.position limit 100
      for no key update skip locked
    ) f
  );
  update :schema.outbox_circuit c set has_aside = false
  where c.key = any (keys) and not exists (
    select from :schema.outbox_lane l where l.key = c.key and l.is_aside
  );
  return not exists (
    select from :schema.outbox_circuit c where c.has_aside and c.paused_by is null
  );
end $$;

-- Hands out no change of a key until it is resumed.
create or replace function :schema.outbox_pause(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare at timestamptz := :schema.outbox_lock();
begin
  insert into :schema.outbox_circuit as c (key, paused_by, reason, since, fault_at)
  values (input ->> 'key', 'hand', input ->> 'reason', at, at)
  on conflict (key) do update
  set paused_by = 'hand', reason = excluded.reason, since = at, next_try_at = null;
  return 'true';
end $$;

-- Ends a pause, whoever began it.
create or replace function :schema.outbox_resume(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare at timestamptz := :schema.outbox_lock();
begin
  update :schema.outbox_circuit c
  set paused_by = null, reason = null, since = null, next_try_at = null, silent = 0
  where c.key = input ->> 'key' and c.paused_by is not null;
  if not found then return 'false'; end if;
  perform pg_notify(':schema_wake', '');
  return 'true';
end $$;
