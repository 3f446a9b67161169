-- How many changes there are of each kind, of one key or of all.
-- A change that was failed by other means than ours counts as dead: it holds its ticket as well.
select
  (count(*) filter (where state = 'created'))::int as "waiting",
  (count(*) filter (where state = 'active'))::int as "underWay",
  (count(*) filter (where state = 'retry'))::int as "retrying",
  (
    select count(*) from :schema.:later
    where state < 'active' and ($1::text is null or group_id = $1)
  )::int as "later",
  (count(*) filter (
    where state = 'failed' and output ->> 'kind' is distinct from 'unknown'
  ))::int as "dead",
  (count(*) filter (where state = 'failed' and output ->> 'kind' = 'unknown'))::int as "unknown",
  coalesce(greatest(0, 1000 * extract(epoch from clock_timestamp()
    - min(created_on) filter (where state < 'active'))), 0)::float8 as "oldestMs"
from :schema.:jobs
where name = 'changes' and state in ('created', 'retry', 'active', 'failed')
  and ($1::text is null or group_id = $1)
