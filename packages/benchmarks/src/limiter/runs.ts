import { limitAlgorithms, type LimitAlgorithm } from '@ticket-lifecycle/sandbox';
import type { ContestantName } from './contestants.ts';
import type { Workload } from './workloads.ts';

/** A contestant before a server with some work to do. */
export interface Run {
  readonly contestant: ContestantName | 'client';
  readonly limit: LimitAlgorithm;
  readonly burst: number;
  /** Before a request is counted; random within these bounds. */
  readonly delayMs: readonly [number, number];
  readonly workload: Workload;
  readonly requests: number;
  readonly seed: number;
}

type Cell = Omit<Run, 'seed' | 'burst' | 'requests'>;

/** The four that any of the documented ways to say "25 a second" may mean. */
export const algorithms = limitAlgorithms.filter((limit) => limit !== 'one-at-a-time');
export const workloads = ['backlog', 'late burst', 'Poisson', 'stalls', 'restart'] as const;
const noDelay = [0, 0] as const;
const someDelay = [0, 80] as const;
const longDelay = [150, 150] as const;
const isRoomy = (limit: LimitAlgorithm) => limit !== 'leaky-bucket';

/** All runs, the same in number and seeds each time. */
export function allRuns(peers: readonly ContestantName[]): Run[] {
  const cells = (
    contestant: Run['contestant'],
    limits: readonly LimitAlgorithm[],
    delays: readonly Cell['delayMs'][],
    works: readonly Workload[],
    times: number,
  ) =>
    limits.flatMap((limit) =>
      delays.flatMap((delayMs) =>
        works.flatMap((workload) =>
          Array.from({ length: times }, (): Cell => ({ contestant, limit, delayMs, workload })),
        ),
      ),
    );
  const both = [noDelay, someDelay];
  const runs = [
    ...cells('ticket-lifecycle, paced', algorithms, both, workloads, 5),
    ...cells('ticket-lifecycle, paced', algorithms, [longDelay], ['backlog'], 2),
    ...cells('ticket-lifecycle, burst', algorithms.filter(isRoomy), [noDelay], ['stalls'], 2),
    ...cells('ticket-lifecycle, burst', algorithms.filter(isRoomy), both, ['backlog'], 1),
    ...peers.flatMap((peer) => cells(peer, algorithms, both, ['backlog'], 1)),
    ...peers.flatMap((peer) => cells(peer, algorithms, [noDelay], ['stalls'], 1)),
  ].map((cell, index): Run => ({ ...cell, burst: 5, requests: 200, seed: index + 1 }));
  // Stricter than what the paced policy is made for: has to be noticed, and nothing may be lost.
  const servers = [
    { limit: 'leaky-bucket', seed: 1 },
    { limit: 'one-at-a-time', seed: 2 },
  ] as const;
  const strict = both.flatMap((delayMs) =>
    servers.map((server): Run => {
      const work = { workload: 'backlog', requests: 120 } as const;
      return { contestant: 'client', burst: 1, delayMs, ...work, ...server };
    }),
  );
  // The longest first, and the rest mixed, so that runs side by side differ.
  return [...strict, ...runs.sort((a, b) => hash(a.seed) - hash(b.seed))];
}

const hash = (seed: number) => Math.imul(seed, 0x9e3779b1) >>> 0;
