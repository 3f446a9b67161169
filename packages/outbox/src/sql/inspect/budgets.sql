-- What each key has used of its limit.
select b.key as "key", $1::int as "requestsPerSecond", b.sent::float8 as "sent",
  b.limited::float8 as "limited",
  (
    select count(*) from :schema.outbox_slot s
    where s.key = b.key and s.free_at > clock_timestamp()
  )::int as "inUse",
  greatest(0, coalesce(1000 * extract(epoch from
    nullif(b.paused_until, '-infinity') - clock_timestamp()), 0))::float8 as "pausedMs"
from :schema.outbox_budget b
order by b.key
