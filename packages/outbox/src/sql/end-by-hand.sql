-- A person's decision: takes back, tries again or gives up a change that is in one of the states.
create or replace function :schema.outbox_end_by_hand(
  which uuid, states text[], target text, note jsonb
) returns boolean language plpgsql set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
declare its_lane text;
begin
  perform pg_advisory_xact_lock(hashtextextended(':schema/dispatch', 0));
  update :schema.job j
  set state = cast(target as :schema.job_state), blocked = false,
    completed_on = case when target = 'retry' then null else clock_timestamp() end,
    deletion_seconds = (select q.deletion_seconds from :schema.queue q where q.name = j.name),
    output = note
  where j.name in ('changes', 'later') and j.id = which
    and j.state::text = any (states)
    -- What may have arrived can't be taken back.
    and (j.state <> 'retry' or not exists (
      select from :schema.outbox_attempt a where a.job = j.id and a.doubt_since is not null
    ))
  returning j.singleton_key into its_lane;
  if its_lane is null then return false; end if;
  if target = 'retry' then
    update :schema.outbox_attempt set attempts = 0, outages = 0, retry_at = null where job = which;
  else
    delete from :schema.outbox_attempt where job = which;
    perform :schema.outbox_next(array[its_lane]);
  end if;
  -- A person has seen to it, and may have moved the ticket: it is read, and what was remembered only
  -- tells states of one status apart. What was skipped was done by hand, and nothing is known.
  if note ->> 'kind' = 'skipped' then
    delete from :schema.outbox_ticket t where t.lane = its_lane;
  end if;
  update :schema.outbox_ticket t set seen_at = t.seen_at - interval '1 day' where t.lane = its_lane;
  perform pg_notify(':schema_wake', '');
  return true;
end $$;
