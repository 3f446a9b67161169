import type { Api } from './api.ts';
import type { Backend } from './backend.ts';
import type { Service } from './service.ts';
import { timeoutMs } from './schedule.ts';
import type { World } from './world.ts';

/** What came of one schedule. All but `changes` must be 0. */
export interface Findings {
  readonly changes: number;
  /** Changes that are gone, or said to be done and never written. */
  readonly lost: number;
  /** Changes that were written more than once. */
  readonly duplicates: number;
  /** Tickets whose changes were written in another order than they were accepted. */
  readonly disorder: number;
  /** Requests beyond the limit of a key in any second of the server. */
  readonly over: number;
  /** 429s that the fleet earned, by the server's own count. */
  readonly own429s: number;
  /** Changes that had not ended two minutes after the last fault. */
  readonly stranded: number;
  /** Those of them that `inspect.blocked` did not show. */
  readonly silent: number;
  /** Changes that ended as dead or unknown, or otherwise wrongly, though nobody else moved the ticket. */
  readonly wrong: number;
}

const requestsPerSecond = 25;

/** Compares what the outbox says with what the server really did. */
export async function judge(
  world: World,
  {
    api,
    backend,
    service,
  }: { readonly api: Api; readonly backend: Backend; readonly service: Service },
): Promise<{
  readonly findings: Findings;
  readonly ends: ReadonlyMap<string, string>;
  readonly why: string[];
}> {
  const { schedule, time, database } = world;
  const { sandbox, touched } = api;
  const all = schedule.tickets.flatMap(({ ticketId, changes }) =>
    changes.map((change) => ({ ticketId, ...change })),
  );
  const ends = await time.at(database, () => backend.kinds(all.map(({ id }) => id)));
  const open = new Set([
    'waiting',
    'later',
    'active',
    'underWay',
    'retry',
    'retrying',
    'dead',
    'unknown',
  ]);
  const why: string[] = [];
  const count = (name: string, found: readonly string[]) => {
    why.push(...found.map((one) => `${name}: ${one}`));
    return found.length;
  };

  const writes = new Map<number, number>();
  for (const { staffUserId } of sandbox.systemMessages) {
    writes.set(staffUserId, (writes.get(staffUserId) ?? 0) + 1);
  }
  const writesOf = ({ staffUserId }: { readonly staffUserId: number }) =>
    writes.get(staffUserId) ?? 0;
  const name = ({ ticketId, event, id }: (typeof all)[number]) => `${ticketId} ${event} ${id}`;
  const endOf = ({ id }: { readonly id: string }) => ends.get(id) ?? 'gone';
  // A change that a person skips leaves the ticket where it was: the next may find nothing to do.
  const skipped = new Set(all.filter((one) => endOf(one) === 'skipped').map((one) => one.ticketId));
  const isTouched = ({ ticketId }: { readonly ticketId: string }) => touched.has(ticketId);

  const isLost = (change: (typeof all)[number]) =>
    endOf(change) === 'gone' ||
    (endOf(change) === 'done' &&
      writesOf(change) === 0 &&
      !isTouched(change) &&
      !skipped.has(change.ticketId));
  const stranded = all.filter((change) => open.has(endOf(change)));
  const blocked = await time.at(database, () => backend.inspect.blocked());
  const shown = blocked.reduce((sum, { waiting }) => sum + 1 + waiting, 0);
  const wrong = all.filter(
    (change) =>
      !isTouched(change) &&
      (service.parked.has(change.id) ||
        ['dropped', 'skipped', 'cancelled'].includes(endOf(change))),
  );

  return {
    ends,
    why,
    findings: {
      changes: all.length,
      lost: count('lost', all.filter(isLost).map(name)),
      duplicates: count('twice', all.filter((one) => writesOf(one) > 1).map(name)),
      disorder: count(
        'disordered',
        schedule.tickets.map(orderOf).filter((one) => one !== ''),
      ),
      over: count('over', beyondLimit()),
      own429s: count(
        'own 429',
        sandbox.requests
          .filter(({ status, fault }) => status === 429 && fault === undefined)
          .map(({ key = '', countedAt }) => `${key} at ${countedAt.toFixed(0)}`),
      ),
      stranded: count(
        'stranded',
        stranded.map((change) => `${name(change)} ${endOf(change)}`),
      ),
      silent: Math.max(0, stranded.length - shown),
      wrong: count(
        'wrong',
        wrong.map((one) => `${name(one)} ${service.parked.get(one.id) ?? endOf(one)}`),
      ),
    },
  };

  /** The order in which a ticket's changes were written first, where it is a wrong one. */
  function orderOf({ ticketId, changes }: (typeof schedule.tickets)[number]): string {
    const places = new Map(changes.map(({ staffUserId }, place) => [staffUserId, place]));
    const written = sandbox.systemMessages.filter((one) => one.ticketId === ticketId);
    const order = new Set(written.flatMap(({ staffUserId }) => places.get(staffUserId) ?? []));
    const isRight = [...order].every((place, at, them) => at === 0 || (them[at - 1] ?? 0) < place);
    return isRight ? '' : `${ticketId} ${[...order].join(' ')}`;
  }

  function beyondLimit(): string[] {
    const counted = sandbox.requests.filter(
      (one) => one.counted || (one.status === 429 && one.fault === undefined),
    );
    return [...Map.groupBy(counted, ({ key = '' }) => key)].flatMap(([key, requests]) => {
      const times = requests.map(({ countedAt }) => countedAt);
      return times
        .filter((at, index) => (times[index + requestsPerSecond] ?? Infinity) - at < 1000)
        .map((at) => `${key} at ${at.toFixed(0)} (a client waits ${timeoutMs} ms)`);
    });
  }
}
