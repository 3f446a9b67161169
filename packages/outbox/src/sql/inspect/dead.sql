-- The changes that need a person, and why.
select id, data as "change",
  case when output ->> 'kind' = 'unknown' then 'unknown' else 'dead' end as "kind",
  coalesce(output ->> 'reason', 'no reason was given') as "reason",
  created_on as "acceptedAt", completed_on as "endedAt"
from :schema.:jobs
where name = 'changes' and state = 'failed'
order by completed_on
