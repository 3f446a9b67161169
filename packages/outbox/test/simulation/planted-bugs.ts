import type { Claim, ClaimEnd, Life, Release, Store } from '../../src/model/store.ts';
import type { SimulationOptions } from './simulate.ts';

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

/** Every claim under the fence and the life that the store knows now, whoever asks. */
const withoutFence: Break = (store) => {
  const latest = new Map<string, Pick<ClaimEnd, 'life' | 'fence'>>();
  return {
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
  };
};

export const plantedBugs: Readonly<Record<string, SimulationOptions>> = {
  'strays are not told': { breakStore: claiming((claim) => ({ ...claim, strays: [] })) },
  'a doubt is dropped': {
    breakStore: claiming((claim) => ({
      ...claim,
      jobs: claim.jobs.map((job) => ({ ...job, doubtMs: null, doubtFromMs: null })),
    })),
  },
  'a doubt begins as the change is claimed': {
    breakStore: claiming((claim) => ({
      ...claim,
      jobs: claim.jobs.map((job) => ({
        ...job,
        doubtMs: job.doubtMs === null ? null : job.doubtMs + 60_000,
      })),
    })),
  },
  'an end needs no fence': { breakStore: withoutFence },
  'an end is forgotten with its doubt': {
    breakStore: ending((ends, releases) => [
      ends.map((end) => ({ ...end, doubt: 'none' as const })),
      releases,
    ]),
  },
  'a slot cools down for half as long': {
    breakStore: ending((ends, releases) => [
      ends,
      releases.map((release) => ({ ...release, at: release.at - 500 })),
    ]),
  },
  'a slot is not sent, whatever became of it': {
    breakStore: ending((ends, releases) => [
      ends,
      releases.map((release) => ({ ...release, answer: { kind: 'not-sent' } as const })),
    ]),
  },
  'a life that was given up is told that it lives': {
    breakStore: (store) => ({
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
  },
  'all workers are one life': {
    breakStore(store) {
      let life: Promise<Life> | undefined;
      return { ...store, enter: () => (life ??= store.enter()) };
    },
  },
  'a claim is forgotten as soon as it is handed out': {
    breakStore: (store) => ({
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
  },
  'dead workers are not found': {
    breakStore: (store) => ({ ...store, sweep: async () => ({ dead: [], nextInMs: null }) }),
  },
  'a retry ends its change': {
    breakStore: ending((ends, releases) => [
      ends.map((end) => (end.kind === 'retry' ? { ...end, kind: 'done' as const } : end)),
      releases,
    ]),
  },
  'an end is thrown away': {
    breakStore(store) {
      let count = 0;
      return {
        ...store,
        async end(ends, releases) {
          count += 1;
          if (count % 10 !== 0) return store.end(ends, releases);
          await store.end([], releases);
          return { stands: new Set(ends.map(({ id }) => id)), busy: new Set<string>() };
        },
        claim: async (...call) => ({ ...(await store.claim(...call)), strays: [] }),
      };
    },
  },
  'a look comes while the request is under way': { settleMs: 0 },
};
