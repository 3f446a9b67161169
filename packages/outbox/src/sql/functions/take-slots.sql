-- Hands out slots for requests beside the claimed changes. They belong to no worker, since their
-- senders hold no permit that could run out: a lost slot is free again when its time is over.
create or replace function :schema.outbox_take_slots(input jsonb) returns jsonb
language plpgsql :dispatching as $$
declare
  gap interval := :schema.outbox_span((input ->> 'gapMs')::float8);
  gap_ms float8 := input ->> 'gapMs';
  horizon_ms float8 := input ->> 'horizonMs';
  hold interval := :schema.outbox_span((input ->> 'holdMs')::float8);
  most_slots int := input ->> 'slots';
  early interval := :schema.outbox_span(horizon_ms / 2);
  at timestamptz := :schema.outbox_lock();
  ahead timestamptz := at + :schema.outbox_span(horizon_ms);
  want record;
  budget record;
  place record;
  taken jsonb := '[]';
  wake_at timestamptz;
  allowed int;
  given int;
  made int;
  due_at timestamptz;
  mark bigint;
  -- Slots that are kept for changes under way: those of this call, and those of earlier ones.
  own_kept int;
  other_kept int;
  this_era bigint := :schema.outbox_latest_era();
begin
  insert into :schema.outbox_budget (key, era)
  select w.key, this_era from jsonb_object_keys(input -> 'wants') w (key)
  -- Not by `exists`, which forgets the order and begins at the oldest version.
  where (select b.key from :schema.outbox_budget_of(w.key) b) is null;
  for want in
    select w.key, w.value::int as count,
      coalesce((input -> 'ofChanges' ->> w.key)::int, 0) as of_changes
    from jsonb_each_text(input -> 'wants') w
  loop
    select b.* into budget from :schema.outbox_budget b
    where b.key = want.key and b.era = (select x.era from :schema.outbox_budget_of(want.key) x)
    for no key update skip locked;
    if not found then
      -- Someone has locked it by hand.
      wake_at := least(wake_at, at + interval '250 ms');
      continue;
    end if;
    given := 0;
    due_at := greatest(budget.next_at, at);
    made := (select m.made from :schema.outbox_made_slots(want.key) m);
    allowed := least(want.count,
      :schema.outbox_room(at, budget.next_at, budget.paused_until, gap_ms, horizon_ms));
    for place in
      select n as slot, p.era, coalesce(p.free_at, at) as free_at
      from generate_series(1, least(most_slots, made + want.count)) n
      left join lateral :schema.outbox_slot_of(want.key, n) p on true
      where coalesce(p.free_at, at) <= ahead
      order by coalesce(p.free_at, at), n
    loop
      exit when given >= allowed;
      continue when not :schema.outbox_hold_slot(want.key, place.slot, place.era);
      due_at := greatest(due_at, place.free_at);
      mark := :schema.outbox_use_slot(
        want.key, place.slot, place.era, this_era, due_at + hold, null, null);
      taken := taken || jsonb_build_object('key', want.key, 'slot', place.slot, 'token', mark,
        'delayMs', :schema.outbox_ms(due_at - at));
      given := given + 1;
      due_at := due_at + gap;
    end loop;
    -- What changes under way still want is kept for them: they go before a new one. What others have
    -- asked for is kept for as long as they said.
    own_kept := greatest(0, least(want.of_changes, want.count) - given);
    other_kept := case when budget.kept_until > at then budget.kept - given else 0 end;
    update :schema.outbox_budget b
    set sent = b.sent + given, next_at = case when given > 0 then due_at else b.next_at end,
      kept_until = case when own_kept >= other_kept then at + :kept_ms * interval '1 ms'
        else b.kept_until end,
      kept = greatest(own_kept, other_kept),
      era = this_era
    where b.key = want.key and b.era = budget.era;
    if given < want.count then
      wake_at := least(wake_at, greatest(budget.paused_until,
        case when given > 0 then due_at else budget.next_at end - early,
        -- One that is not made yet is free.
        (select min(coalesce(s.free_at, at)) - early
          from :schema.outbox_made_slots(want.key) m
          cross join lateral generate_series(1, least(m.made + 1, most_slots)) n
          left join lateral :schema.outbox_slot_of(want.key, n) s on true)));
    end if;
  end loop;
  return jsonb_build_object('slots', taken, 'nextInMs', :schema.outbox_ms(wake_at - at),
    'tookMs', :schema.outbox_ms(:schema.outbox_clock() - at));
end $$;
