import type { StoredChange } from '../model/change.ts';
import type { Database } from './database.ts';
import type { DeadChange, Depth, Inspect } from '../model/outbox.ts';
import { changesQueue, type Names } from './names.ts';

// What was failed by other means than ours holds its ticket as well.
const kind = `case when output ->> 'kind' = 'unknown' then 'unknown' else 'dead' end`;

/** Looks into the tables. */
export function createInspect(
  database: Database,
  { schema, jobs, later }: Names,
  requestsPerSecond: number,
): Inspect {
  return {
    async depth(key) {
      const [row] = await database.query<Depth>(
        `select
          (count(*) filter (where state = 'created'))::int as "waiting",
          (count(*) filter (where state = 'active'))::int as "underWay",
          (count(*) filter (where state = 'retry'))::int as "retrying",
          (select count(*) from ${schema}.${later}
            where state < 'active' and ($1::text is null or group_id = $1))::int as "later",
          (count(*) filter (where state = 'failed' and ${kind} = 'dead'))::int as "dead",
          (count(*) filter (where state = 'failed' and ${kind} = 'unknown'))::int as "unknown",
          coalesce(greatest(0, 1000 * extract(epoch from clock_timestamp()
            - min(created_on) filter (where state < 'active'))), 0)::float8 as "oldestMs"
        from ${schema}.${jobs}
        where name = '${changesQueue}' and state in ('created', 'retry', 'active', 'failed')
          and ($1::text is null or group_id = $1)`,
        [key ?? null],
      );
      if (row === undefined) throw new Error('The database answered without a row.');
      return row;
    },
    blocked: () =>
      database.query(
        `select f.group_id as "key", f.data ->> 'ticketId' as "ticketId", f.id as "by",
          ${kind} as "kind", (
            select count(*) from ${schema}.${jobs} w
            where w.name = '${changesQueue}' and w.singleton_key = f.singleton_key
              and w.state < 'active'
          )::int as "waiting"
        from ${schema}.${jobs} f where f.name = '${changesQueue}' and f.state = 'failed'
        order by f.completed_on`,
      ),
    async dead() {
      const rows = await database.query<
        Omit<DeadChange, 'change'> & { readonly change: StoredChange }
      >(
        `select id, data as "change", ${kind} as "kind",
          coalesce(output ->> 'reason', 'no reason was given') as "reason",
          created_on as "acceptedAt", completed_on as "endedAt"
        from ${schema}.${jobs} where name = '${changesQueue}' and state = 'failed'
        order by completed_on`,
      );
      return rows;
    },
    budgets: () =>
      database.query(
        `select b.key as "key", $1::int as "requestsPerSecond", b.sent::float8 as "sent",
          b.limited::float8 as "limited", (
            select count(*) from ${schema}.outbox_slot s
            where s.key = b.key and s.free_at > clock_timestamp()
          )::int as "inUse",
          greatest(0, coalesce(1000 * extract(epoch from
            nullif(b.paused_until, '-infinity') - clock_timestamp()), 0))::float8 as "pausedMs"
        from ${schema}.outbox_budget b order by b.key`,
        [requestsPerSecond],
      ),
  };
}
