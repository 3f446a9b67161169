-- Hands out slots for requests beside the claimed changes. They belong to no worker, since their
-- senders hold no permit that could run out: a lost slot is free again when its time is over.
create or replace function :schema.outbox_take_slots(
  wants jsonb, gap_ms float8, horizon_ms float8, hold_ms float8, slots int
) returns jsonb language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  at timestamptz;
  want record;
  budget record;
  place record;
  taken jsonb := '[]';
  wake_at timestamptz;
  given int;
  due_at timestamptz;
  mark bigint;
  ahead timestamptz;
  early interval := horizon_ms / 2 * interval '1 ms';
begin
  perform :schema.outbox_keys((select array_agg(k) from jsonb_object_keys(wants) k), slots);
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  at := clock_timestamp();
  ahead := at + horizon_ms * interval '1 ms';
  for want in select w.key, w.value::int as count from jsonb_each_text(wants) w loop
    select b.* into budget from :schema.outbox_budget b where b.key = want.key;
    given := 0;
    due_at := greatest(budget.next_at, at);
    for place in
      select s.slot, s.free_at from :schema.outbox_slot s
      where s.key = want.key and s.slot <= slots and s.free_at <= ahead
      order by s.free_at
      limit least(want.count, :schema.outbox_room(
        at, budget.next_at, budget.paused_until, gap_ms, horizon_ms))
    loop
      due_at := greatest(due_at, place.free_at);
      update :schema.outbox_slot s
      set free_at = due_at + hold_ms * interval '1 ms', worker = null,
        token = nextval(':schema.outbox_token')
      where s.key = want.key and s.slot = place.slot
      returning s.token into mark;
      taken := taken || jsonb_build_object('key', want.key, 'slot', place.slot, 'token', mark,
        'delayMs', 1000 * extract(epoch from due_at - at));
      given := given + 1;
      due_at := due_at + gap_ms * interval '1 ms';
    end loop;
    due_at := case when given > 0 then due_at else budget.next_at end;
    -- What is still wanted is kept for this: a change that is under way goes before a new one.
    update :schema.outbox_budget b
    set sent = b.sent + given, next_at = due_at, kept_until = at + :kept_ms * interval '1 ms',
      kept = greatest(want.count, case when b.kept_until > at then b.kept else 0 end) - given
    where b.key = want.key;
    if given < want.count then
      wake_at := least(wake_at, greatest(budget.paused_until, due_at - early,
        (select min(s.free_at) - early from :schema.outbox_slot s
          where s.key = want.key and s.slot <= slots)));
    end if;
  end loop;
  return jsonb_build_object('slots', taken,
    'nextInMs', 1000 * extract(epoch from wake_at - at), 'tookMs', :schema.outbox_since(at));
end $$;
