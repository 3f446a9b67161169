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
  given int;
  made int;
  due_at timestamptz;
  mark bigint;
begin
  insert into :schema.outbox_budget (key) select jsonb_object_keys(input -> 'wants')
  on conflict do nothing;
  for want in select w.key, w.value::int as count from jsonb_each_text(input -> 'wants') w loop
    select b.* into budget from :schema.outbox_budget b where b.key = want.key
    for no key update skip locked;
    if not found then
      -- Someone has locked it by hand.
      wake_at := least(wake_at, at + interval '250 ms');
      continue;
    end if;
    given := 0;
    due_at := greatest(budget.next_at, at);
    select count(*) into made from :schema.outbox_slot s where s.key = want.key;
    for place in
      with free as materialized (
        select s.slot, s.free_at from :schema.outbox_slot s
        where s.key = want.key and s.slot <= most_slots and s.free_at <= ahead
        order by s.free_at limit want.count
        for no key update skip locked
      )
      select x.slot, x.free_at from (
        select f.slot, f.free_at from free f
        union all
        select n, at from generate_series(made + 1, least(most_slots, made + want.count)) n
      ) x
      order by x.free_at, x.slot
      limit least(want.count, :schema.outbox_room(
        at, budget.next_at, budget.paused_until, gap_ms, horizon_ms))
    loop
      due_at := greatest(due_at, place.free_at);
      insert into :schema.outbox_slot as s (key, slot, free_at, worker, token)
      values (want.key, place.slot, due_at + hold, null, nextval(':schema.outbox_token'))
      on conflict (key, slot) do update
      set free_at = excluded.free_at, worker = null, lane = null, token = excluded.token
      returning s.token into mark;
      taken := taken || jsonb_build_object('key', want.key, 'slot', place.slot, 'token', mark,
        'delayMs', :schema.outbox_ms(due_at - at));
      given := given + 1;
      due_at := due_at + gap;
    end loop;
    -- What is still wanted is kept for this: a change that is under way goes before a new one.
    update :schema.outbox_budget b
    set sent = b.sent + given, next_at = case when given > 0 then due_at else b.next_at end,
      kept_until = at + :kept_ms * interval '1 ms',
      kept = greatest(want.count, case when b.kept_until > at then b.kept else 0 end) - given
    where b.key = want.key;
    if given < want.count then
      wake_at := least(wake_at, greatest(budget.paused_until,
        case when given > 0 then due_at else budget.next_at end - early,
        (select min(s.free_at) - early from :schema.outbox_slot s
          where s.key = want.key and s.slot <= most_slots)));
    end if;
  end loop;
  return jsonb_build_object('slots', taken, 'nextInMs', :schema.outbox_ms(wake_at - at),
    'tookMs', :schema.outbox_ms(:schema.outbox_clock() - at));
end $$;
