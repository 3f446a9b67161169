-- Who holds up the dispatcher: sessions that have kept a lock on its tables, or the dispatch lock, for
-- more than a second. What others may see of them depends on their roles.
create or replace function :schema.outbox_blockers(input jsonb) returns jsonb
language sql volatile :safely as $$
  select coalesce(jsonb_agg(distinct jsonb_build_object(
    'pid', a.pid, 'application', a.application_name, 'user', a.usename, 'state', a.state,
    'heldMs', :schema.outbox_ms(:schema.outbox_clock() - a.xact_start)
  )), '[]')
  from pg_locks l
  join pg_stat_activity a using (pid)
  where l.granted and l.pid <> pg_backend_pid()
    and coalesce(a.xact_start < :schema.outbox_clock() - interval '1 second', true)
    and (
      l.locktype = 'advisory'
      and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(':schema/dispatch', 0)
      or l.locktype = 'relation' and l.mode <> 'AccessShareLock' and (
        l.relation in (
          ':schema.outbox_lane'::regclass, ':schema.outbox_slot'::regclass,
          ':schema.outbox_budget'::regclass, ':schema.outbox_worker'::regclass,
          ':schema.outbox_arrival'::regclass
        ) and not (l.relation = ':schema.outbox_arrival'::regclass and l.mode = 'RowExclusiveLock')
        -- Whoever accepts changes writes rows of this table, and holds up nobody.
        or l.relation = ':schema.outbox_change'::regclass and l.mode <> 'RowExclusiveLock'
      )
    )
$$;
