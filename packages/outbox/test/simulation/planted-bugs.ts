import type { Claim, ClaimEnd, Life, Release } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import type { Breaks } from './fleet.ts';
import type { SqlBug } from './sql-backend.ts';

/*
 * Bugs, each of which breaks one rule of the protocol. The simulator has to find each of them: what
 * finds no planted bug proves nothing about the others.
 */

type Break = (store: Store<never>) => Store<never>;

/** Changes what a claim says. */
const claiming =
  (change: (claim: Claim) => Claim): Break =>
  (store) => ({ ...store, claim: async (...call) => change(await store.claim(...call)) });

/** Changes what is written down. */
const ending =
  (
    change: (
      ends: readonly ClaimEnd[],
      releases: readonly Release[],
    ) => [ends: readonly ClaimEnd[], releases: readonly Release[]],
  ): Break =>
  (store) => ({ ...store, end: (...call) => store.end(...change(...call)) });

const jobs = (change: (job: Claim['jobs'][number]) => Claim['jobs'][number]): Break =>
  claiming((claim) => ({ ...claim, jobs: claim.jobs.map(change) }));

/** Every claim under the fence and the life that the store knows now, whoever asks. */
function withoutFence(): Break {
  const latest = new Map<string, Pick<ClaimEnd, 'life' | 'fence'>>();
  return (store) => ({
    ...store,
    async claim(life: Life, request) {
      const claim = await store.claim(life, request);
      for (const { id, fence } of claim.jobs) latest.set(id, { life: life.id, fence });
      return claim;
    },
    end: (ends, releases) =>
      store.end(
        ends.map((end) => ({ ...end, ...latest.get(end.id) })),
        releases,
      ),
  });
}

const everyTenth = (): Break => {
  let count = 0;
  return (store) => ({
    ...store,
    async end(ends, releases) {
      count += 1;
      if (count % 10 !== 0) return store.end(ends, releases);
      await store.end([], releases);
      return { stands: new Set(ends.map(({ id }) => id)), busy: new Set<string>() };
    },
    claim: async (...call) => ({ ...(await store.claim(...call)), strays: [] }),
  });
};

const oneLife = (): Break => {
  let life: Promise<Life> | undefined;
  return (store) => ({ ...store, enter: () => (life ??= store.enter()) });
};

/** Bugs of the workers, and of a store as they see it: on either store. Each run has its own. */
export const workerBugs: Readonly<Record<string, () => Breaks>> = {
  'strays are not told': () => ({ store: claiming((claim) => ({ ...claim, strays: [] })) }),
  'a doubt is dropped': () => ({
    store: jobs((job) => ({ ...job, doubtMs: null, doubtFromMs: null })),
  }),
  'a doubt is a minute old as it begins': () => ({
    store: jobs((job) => ({ ...job, doubtMs: job.doubtMs === null ? null : job.doubtMs + 60_000 })),
  }),
  'an end needs no fence': () => ({ store: withoutFence() }),
  'an end is forgotten with its doubt': () => ({
    store: ending((ends, releases) => [
      ends.map((end) => ({ ...end, doubt: 'none' as const })),
      releases,
    ]),
  }),
  'a slot cools down for half as long': () => ({
    store: ending((ends, releases) => [
      ends,
      releases.map((release) => ({ ...release, at: release.at - 500 })),
    ]),
  }),
  'a slot is not sent, whatever became of it': () => ({
    store: ending((ends, releases) => [
      ends,
      releases.map((release) => ({ ...release, answer: { kind: 'not-sent' } as const })),
    ]),
  }),
  'a life that was given up is told that it lives': () => ({
    store: (store) => ({
      ...store,
      async renew(life) {
        await store.renew(life);
        return true;
      },
      claim: (life, request) =>
        store
          .claim(life, request)
          .catch(() => ({ jobs: [], strays: [], lost: [], nextInMs: null })),
    }),
  }),
  'all workers are one life': () => ({ store: oneLife() }),
  'a claim is forgotten as soon as it is handed out': () => ({
    store: (store) => ({
      ...store,
      async claim(life, request) {
        const claim = await store.claim(life, request);
        const ends = claim.jobs.map(({ id, fence }) => ({ life: life.id, id, fence }));
        const again = { kind: 'retry', delayMs: 0, doubt: 'none' } as const;
        await store.end(
          ends.map((end) => ({ ...end, ...again })),
          [],
        );
        return claim;
      },
    }),
  }),
  'dead workers are not found': () => ({
    store: (store) => ({ ...store, sweep: async () => ({ dead: [], nextInMs: null }) }),
  }),
  'a retry ends its change': () => ({
    store: ending((ends, releases) => [
      ends.map((end) => (end.kind === 'retry' ? { ...end, kind: 'done' as const } : end)),
      releases,
    ]),
  }),
  'an end is thrown away': () => ({ store: everyTenth() }),
  'a look comes while the request is under way': () => ({ settleMs: 1 }),
  'a change in doubt is sent without a look': () => ({
    job: (job) => ({ ...job, doubt: undefined }),
  }),
};

/** Bugs of the SQL. */
export const sqlBugs: Readonly<Record<string, SqlBug>> = {
  'what a dead worker held is in no doubt': {
    name: 'outbox_give_back',
    piece: 'doubt_since = d.held_until',
    instead: 'doubt_since = null',
  },
  'a change is claimed while another worker has it': {
    name: 'outbox_claim',
    piece: 'is_ready = false, worker = me',
    instead: 'is_ready = l.attempts < 1, worker = me',
  },
  'what has arrived is left where it is': {
    name: 'outbox_admit_some',
    piece: 'where a.position > place and',
    instead: 'where a.position > place and a.position % 9 <> 0 and',
  },
  // The only one of which nobody is told anything.
  'what has arrived is thrown away, silently': {
    name: 'outbox_admit_some',
    piece: 'from taken t group by t.lane',
    instead: 'from taken t where t.position % 9 <> 0 group by t.lane',
  },
  'a lane goes on with its latest change': {
    name: 'outbox_first',
    piece: 'order by c.position limit 1',
    instead: 'order by c.position desc limit 1',
  },
};
