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
      -- Vacuum and analyze hold nobody up.
      or l.locktype = 'relation'
      and l.mode not in ('AccessShareLock', 'ShareUpdateExclusiveLock') and (
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

create or replace function :schema.outbox_seconds(span interval) returns text
language sql immutable as $$ select round(extract(epoch from span))::bigint || ' s' $$;

-- How a person finds a session.
create or replace function :schema.outbox_session_name(pid int, application text, state text)
returns text language sql immutable as $$
  select concat_ws(' ', 'Session', pid, 'of the database',
    '(' || nullif(concat_ws(', ', nullif(application, ''), state), '') || ')')
$$;

-- The transactions that have lasted for more than a second. A row that one of them has locked or
-- changed names it (xmax), so that who keeps a row is read without a lock.
create or replace function :schema.outbox_row_holders() returns table (xid text, said text)
language sql volatile as $$
  select l.transactionid::text,
    :schema.outbox_session_name(a.pid, a.application_name, a.state) || ' keeps it locked: its transaction is open for '
      || :schema.outbox_seconds(:schema.outbox_clock() - a.xact_start) || '.'
  from pg_locks l
  join pg_stat_activity a using (pid)
  where l.locktype = 'transactionid' and l.granted and l.pid <> pg_backend_pid()
    and a.xact_start < :schema.outbox_clock() - interval '1 second'
$$;

-- Why nothing at all is handed out, where that is known: a session that keeps the dispatcher out, which
-- is certain; or that no worker was seen for long.
create or replace function :schema.outbox_standstill(out said text, out is_certain boolean)
language plpgsql as $$
declare
  at timestamptz := :schema.outbox_clock();
  seen_at timestamptz;
begin
  select :schema.outbox_session_name(a.pid, a.application_name, a.state) || ' keeps the dispatcher out: its transaction is open for '
    || :schema.outbox_seconds(at - a.xact_start) || '.'
  into said
  from pg_locks l
  join pg_stat_activity a using (pid)
  where l.granted and l.pid <> pg_backend_pid()
    -- Longer than the dispatcher waits for it.
    and a.xact_start < at - interval '2 seconds'
    and (
      l.locktype = 'advisory'
      and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(':schema/dispatch', 0)
      or l.locktype = 'relation' and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock')
      and l.relation in (
        ':schema.outbox_lane'::regclass, ':schema.outbox_slot'::regclass,
        ':schema.outbox_budget'::regclass, ':schema.outbox_worker'::regclass,
        ':schema.outbox_arrival'::regclass, ':schema.outbox_change'::regclass
      )
    )
  order by a.xact_start limit 1;
  is_certain := said is not null;
  if is_certain then return; end if;
  seen_at := (select max(w.seen_at) from :schema.outbox_worker w);
  if seen_at is null then
    said := 'No worker has reached the outbox yet.';
  elsif seen_at < at - interval '10 seconds' then
    said := 'No worker has reached the outbox for ' || :schema.outbox_seconds(at - seen_at)
      || ': none runs, or their calls fail.';
  end if;
end $$;
