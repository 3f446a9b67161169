-- Who keeps the outbox waiting.
--
-- A session that holds a lock may itself wait for another, as our own calls do when they are held up.
-- To end that one would help nobody. So each line of sessions is followed to its end, the session that
-- waits for no lock: that one is named, with the age of its transaction.

create or replace function :schema.outbox_seconds(span interval) returns text
language sql immutable as $$ select round(extract(epoch from span))::bigint || ' s' $$;

-- The ends of all lines, and what is kept in each: the rows that a transaction of it has locked or
-- changed (xid, which is their xmax, so that who keeps a row is read without a lock), or a lock that
-- the dispatcher needs (is_needed), or one without which it can do nothing (keeps_out).
-- It reads no table of ours, so that it answers whatever is locked.
create or replace function :schema.outbox_lines() returns table (
  xid text, is_needed boolean, keeps_out boolean, pid int, called text, held interval, is_call boolean
) language plpgsql as $$
declare
  here oid := (select d.oid from pg_database d where d.datname = current_database());
  dispatch bigint := hashtextextended(':schema/dispatch', 0);
  written oid[] := array[':schema.outbox_change', ':schema.outbox_arrival', ':schema.outbox_gate']::regclass[];
  ours oid[] := written || array[
    ':schema.outbox_lane', ':schema.outbox_slot', ':schema.outbox_budget', ':schema.outbox_circuit',
    ':schema.outbox_worker', ':schema.outbox_era', ':schema.outbox_key_turn'
  ]::regclass[]::oid[];
  locks pg_locks[];
  waiting int[];
  concerned int[];
  -- Whom each session of our lines waits for.
  behind jsonb := '{}';
  asked int[];
  at timestamptz;
begin
  -- The locks are read before the sessions: one whose transaction has ended in between is idle.
  locks := array(select l from pg_locks l where l.pid <> pg_backend_pid());
  waiting := array(select distinct l.pid from unnest(locks) l where not l.granted);
  -- Whoever keeps a row of ours has a lock of its table as well. Other databases of the server have
  -- locks and tables of the same numbers.
  concerned := array(
    select distinct l.pid from unnest(locks) l
    where l.database = here and (
      l.locktype = 'relation' and l.relation = any (ours)
      or l.locktype = 'advisory' and l.objsubid = 1
      and ((l.classid::bigint << 32) | l.objid::bigint) = dispatch
    )
  );
  -- Each question for whom a session waits stops the locks of the whole server for a moment: only
  -- those that are in our lines are asked, once each.
  asked := array(select c.pid from unnest(concerned) c (pid) where c.pid = any (waiting));
  while asked <> '{}' loop
    behind := behind
      || (select jsonb_object_agg(a.pid, pg_blocking_pids(a.pid)) from unnest(asked) a (pid));
    asked := array(
      select distinct b.pid::int from unnest(asked) a (pid)
      cross join jsonb_array_elements_text(behind -> a.pid::text) b (pid)
      where not behind ? b.pid and b.pid::int = any (waiting)
    );
  end loop;
  perform pg_stat_clear_snapshot();
  at := :schema.outbox_clock();
  return query
  with recursive needed as materialized (
    select l.pid, bool_or(l.locktype = 'advisory' or l.mode in (
      'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'
    )) as keeps_out
    from unnest(locks) l
    where l.database = here and (
      l.locktype = 'advisory' and l.objsubid = 1
      and ((l.classid::bigint << 32) | l.objid::bigint) = dispatch
      -- Vacuum and analyze hold nobody up; nor do those who accept changes.
      or l.locktype = 'relation' and l.relation = any (ours)
      and l.mode not in ('AccessShareLock', 'ShareUpdateExclusiveLock')
      and not (l.relation = any (written) and l.mode = 'RowExclusiveLock')
    )
    group by l.pid
  ),
  kept as materialized (
    select n.pid, null::text as xid, true as is_needed, n.keeps_out from needed n
    union all
    select l.pid, l.transactionid::text, false, false from unnest(locks) l
    where l.locktype = 'transactionid' and l.granted and l.pid = any (concerned)
  ),
  line (first, last) as (
    select k.pid, k.pid from kept k
    union
    select n.first, b.pid::int from line n
    cross join jsonb_array_elements_text(behind -> n.last::text) b (pid)
  ),
  ends as materialized (
    select n.first, a.pid, concat_ws(' ', 'Session', a.pid, 'of the database',
        '(' || nullif(concat_ws(', ', nullif(a.application_name, ''), a.state), '') || ')') as called,
      -- One without a transaction holds what it keeps for the whole session.
      at - coalesce(a.xact_start, case when a.state = 'idle' then a.state_change end) as held,
      coalesce(strpos(a.query, 'select :schema.outbox_') = 1
        and (a.state = 'active' or a.state_change > at - interval '1 second'), false) as is_call
    from line n join pg_stat_activity a on a.pid = n.last
    where not n.last = any (waiting) and n.last <> pg_backend_pid()
  )
  select k.xid, k.is_needed, k.keeps_out, e.pid, e.called, e.held, e.is_call
  from kept k join ends e on e.first = k.pid
  -- Our own calls come and go: one is named only if it does not.
  where coalesce(e.held > case when e.is_call then interval '10 seconds' else '1 second' end, true);
end $$;

-- What is said of a session at the end of a line. What others may see of it depends on their roles.
create or replace function :schema.outbox_keeps(called text, held interval, is_call boolean, what text)
returns text language sql immutable as $$
  select called || case when is_call then ', a call of this outbox,' else '' end || ' keeps ' || what
    || case when held is null then '. Only a role with pg_monitor sees for how long.'
      else ': its transaction is open for ' || :schema.outbox_seconds(held) || '.' end
$$;

-- The sessions that keep the dispatcher waiting; or else, where `input` has lanes, those that keep
-- others from accepting changes of them.
create or replace function :schema.outbox_blockers(input jsonb) returns jsonb
language plpgsql :briefly as $$
declare found jsonb;
begin
  select jsonb_agg(distinct jsonb_build_object('pid', l.pid,
    'said', :schema.outbox_keeps(l.called, l.held, l.is_call, 'the outbox waiting')))
  into found from :schema.outbox_lines() l where l.is_needed;
  if found is null and input ? 'lanes' then
    select jsonb_agg(distinct jsonb_build_object('pid', l.pid,
      'said', :schema.outbox_keeps(l.called, l.held, l.is_call, 'the ticket locked')))
    into found
    from :schema.outbox_gate g join :schema.outbox_lines() l on l.xid = g.xmax::text
    where g.lane in (select jsonb_array_elements_text(input -> 'lanes'));
  end if;
  return coalesce(found, '[]');
end $$;

-- The transactions that have lasted for long enough to be named, by what is said of a row of theirs.
create or replace function :schema.outbox_row_holders() returns table (xid text, said text)
language sql volatile as $$
  select l.xid, :schema.outbox_keeps(l.called, l.held, l.is_call, 'it locked')
  from :schema.outbox_lines() l where l.xid is not null and l.held is not null
$$;

-- Why nothing at all is handed out, where that is known: a session that keeps the dispatcher out, which
-- is certain; or that no worker was seen for long.
create or replace function :schema.outbox_standstill(out said text, out is_certain boolean)
language plpgsql as $$
declare
  at timestamptz := :schema.outbox_clock();
  seen_at timestamptz;
begin
  with lines as materialized (
    -- Longer than the dispatcher waits for it.
    select l.* from :schema.outbox_lines() l where l.held > interval '2 seconds'
  ),
  -- Each claim writes these rows.
  live as materialized (
    select w.xmax::text as xid from :schema.outbox_worker w
    where w.era = :schema.outbox_latest_era() and w.dead_at is null
  )
  select :schema.outbox_keeps(l.called, l.held, l.is_call, 'the dispatcher out') into said
  from lines l
  where l.keeps_out
    or l.xid in (select t.xmax::text from :schema.outbox_key_turn t where t.era = :schema.outbox_latest_era())
    or l.xid in (select v.xid from live v)
    and not exists (select from live v where v.xid not in (select x.xid from lines x where x.xid is not null))
  order by l.held desc limit 1;
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
