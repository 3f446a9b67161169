-- What a worker holds and did not name (strays), and what it named and does not hold (lost).
create or replace function :schema.outbox_compare_claims(me uuid, held jsonb) returns jsonb
language sql stable as $$
  with named as (
    select * from jsonb_to_recordset(held) as x(id uuid, fence int)
  ),
  holds as (
    select j.id, j.retry_count as fence, a.claim_number as number
    from :schema.outbox_attempt a join :schema.:jobs j on j.name = 'changes' and j.id = a.job
    where a.worker = me and j.state = 'active'
  )
  select jsonb_build_object(
    'strays', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', h.id, 'fence', h.fence, 'number', coalesce(h.number, 0))), '[]')
      from holds h
      where not exists (select from named n where n.id = h.id and n.fence = h.fence)
    ),
    'lost', (
      select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'fence', n.fence)), '[]')
      from named n
      where not exists (select from holds h where h.id = n.id and h.fence = n.fence)
    )
  )
$$;
