-- The tickets whose changes can't go on, and how many wait.
select f.group_id as "key", f.data ->> 'ticketId' as "ticketId", f.id as "by",
  case when f.output ->> 'kind' = 'unknown' then 'unknown' else 'dead' end as "kind",
  (
    select count(*) from :schema.:jobs w
    where w.name = 'changes' and w.singleton_key = f.singleton_key and w.state < 'active'
  )::int as "waiting"
from :schema.:jobs f
where f.name = 'changes' and f.state = 'failed'
order by f.completed_on
